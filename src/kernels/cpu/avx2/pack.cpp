// Sixteen rows to the packed layout.
#include "kernels/cpu/avx2/functions.h"
#include "kernels/cpu/avx2/transpose.h"

namespace r1::panel::avx2 {
namespace {

constexpr std::int64_t kAhead = 512;  // bytes of a row between what is read and what is asked for

/// Past the caches where the address allows it: a model is larger than they are.
template <bool kStream>
[[gnu::always_inline]] inline void put(std::byte* out, __m256i value) {
  if constexpr (kStream) {
    _mm256_stream_si256(reinterpret_cast<__m256i*>(out), value);
  } else {
    store32(out, value);
  }
}

/// One field of `size` bytes of all rows, which takes 16 * size bytes.
template <bool kStream>
[[gnu::always_inline]] inline void pack_field(const std::byte* from, std::int64_t stride, int size,
                                              std::byte* out) {
  const std::byte* below = from + kHalf * stride;
  if (size == 16) {
    __m256i dwords[kHalves][4];
    transpose_rows(from, stride, dwords[0]);
    transpose_rows(below, stride, dwords[1]);
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      put<kStream>(out + 64 * k, dwords[0][k]);
      put<kStream>(out + 64 * k + 32, dwords[1][k]);
    }
  } else if (size == 4) {
    put<kStream>(out, gather_u32(from, stride));
    put<kStream>(out + 32, gather_u32(below, stride));
  } else {
    put<kStream>(out, _mm256_setr_m128i(gather_u16(from, stride), gather_u16(below, stride)));
  }
}

template <bool kStream>
void pack_fields(const PackedField* fields, std::int64_t field_count, std::int64_t block_bytes,
                 const std::byte* from, std::int64_t row_bytes, std::byte* out) {
  std::int64_t asked = 0;
  for (std::int64_t block = 0; block < row_bytes; block += block_bytes) {
    for (; asked < block + block_bytes + kAhead && asked < row_bytes; asked += 64) {
      for (std::int64_t row = 0; row < kLanes; ++row) prefetch(from + row * row_bytes + asked, 1);
    }
    for (std::int64_t field = 0; field < field_count; ++field) {
      const auto [offset, size] = fields[field];
      pack_field<kStream>(from + block + offset, row_bytes, size, out);
      out += kLanes * size;
    }
  }
}

}  // namespace

void pack_rows(const PackedField* fields, std::int64_t field_count, std::int64_t block_bytes,
               const std::byte* from, std::int64_t row_bytes, std::byte* out) {
  if (reinterpret_cast<std::uintptr_t>(out) % 32 != 0) {
    return pack_fields<false>(fields, field_count, block_bytes, from, row_bytes, out);
  }
  pack_fields<true>(fields, field_count, block_bytes, from, row_bytes, out);
  _mm_sfence();
}

}  // namespace r1::panel::avx2

// The AMX instructions, with tiles named by number. They are asm statements because gcc 12's
// intrinsics take no template's number and don't say what they read: the compiler could leave out
// stores to the memory of a tile, or all but the first 8 bytes of a configuration.
#pragma once

#include <cstdint>

namespace r1::panel::amx {
namespace {

constexpr std::int64_t kTileRows = 16;
constexpr std::int64_t kTileRowBytes = 64;

constexpr int kSums = 4;         // tiles 0 to 3: [token][row], 32-bit numbers
constexpr int kActivations = 4;  // tiles 4 and 5: [token][bytes of columns]
constexpr int kWeights = 6;      // tiles 6 and 7: [bytes of columns / 4][row][4 bytes]

/// Shapes the calling thread's tiles for products of `tokens` (at most 16) by 16 rows over
/// `column_bytes` (at most 64) of columns. Tiles hold nothing before and after.
class TileShapes {
 public:
  TileShapes(std::int64_t tokens, std::int64_t column_bytes) {
    /// What LDTILECFG reads; the second eight of both arrays are reserved.
    struct alignas(64) Configuration {
      std::uint8_t palette;
      std::uint8_t start_row;
      std::uint8_t reserved[14];
      std::uint16_t row_bytes[16];
      std::uint8_t rows[16];
    };
    static_assert(sizeof(Configuration) == 64);
    Configuration configuration = {
        .palette = 1, .start_row = 0, .reserved = {}, .row_bytes = {}, .rows = {}};
    const auto shape = [&](int tile, std::int64_t rows, std::int64_t row_bytes) {
      configuration.rows[tile] = static_cast<std::uint8_t>(rows);
      configuration.row_bytes[tile] = static_cast<std::uint16_t>(row_bytes);
    };
    for (int tile = 0; tile < kSums; ++tile) shape(tile, tokens, kTileRowBytes);
    for (int i = 0; i < 2; ++i) {
      shape(kActivations + i, tokens, column_bytes);
      shape(kWeights + i, column_bytes / 4, kTileRowBytes);
    }
    asm volatile("ldtilecfg %0" : : "m"(configuration));
  }
  /// Threads whose tiles are in use cost 8 KiB more at each switch.
  ~TileShapes() { asm volatile("tilerelease"); }
  TileShapes(const TileShapes&) = delete;
  TileShapes& operator=(const TileShapes&) = delete;
};

template <int kTile>
[[gnu::always_inline]] inline void zero_tile() {
  asm volatile("tilezero %%tmm%c0" : : "i"(kTile));
}

/// The tile's rows, `stride` bytes apart.
template <int kTile>
[[gnu::always_inline]] inline void load_tile(const void* from, std::int64_t stride) {
  asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(from), "r"(stride), "i"(kTile) : "memory");
}

template <int kTile>
[[gnu::always_inline]] inline void store_tile(void* to, std::int64_t stride) {
  asm volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(to), "r"(stride), "i"(kTile) : "memory");
}

/// sums[m][n] += sum over k < K of x[m][k] w[k / 4][n][k % 4], all signed bytes.
template <int kSum, int kX, int kW>
[[gnu::always_inline]] inline void add_int8_products() {
  asm volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSum), "i"(kX), "i"(kW));
}

/// sums[m][n] += (sum over even k < K of x[m][k] w[k / 2][n][k % 2]) + (the same over odd k), each
/// a chain of fused multiply-adds from zero, rounded to nearest, denormals taken as zero.
template <int kSum, int kX, int kW>
[[gnu::always_inline]] inline void add_bf16_products() {
  asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSum), "i"(kX), "i"(kW));
}

}  // namespace
}  // namespace r1::panel::amx

// Runs AMX instructions on a processor that has AVX-512 but no AMX: each of them raises SIGILL,
// and the handler does what Intel's manual says the instruction does, then goes on behind it. So
// what a test runs is the very code that was compiled for AMX, with its encodings, tile numbers,
// strides and configurations. Anything the manual forbids ends the program with a message.
//
// Source of the operations: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
#pragma once

#include <signal.h>
#include <ucontext.h>
#include <unistd.h>
#include <xmmintrin.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/float_types.h"
#include "kernels/isa.h"

namespace r1::amx_emulator {

struct Tile {
  int rows = 0, row_bytes = 0;
  std::uint8_t data[16][64] = {};
};

/// A thread's tiles; none while not configured.
struct Tiles {
  bool configured = false;
  std::array<Tile, 8> tile;
};

inline thread_local Tiles tiles;

[[noreturn]] inline void refuse(std::string_view why) {
  (void)!::write(STDERR_FILENO, "AMX: ", 5);
  (void)!::write(STDERR_FILENO, why.data(), why.size());
  (void)!::write(STDERR_FILENO, "\n", 1);
  std::abort();
}

inline Tile& tile(unsigned number) {
  if (!tiles.configured) refuse("no tiles are configured");
  Tile& tile = tiles.tile.at(number);
  if (tile.rows == 0) refuse("a tile in use has no shape");
  return tile;
}

inline void load_configuration(const void* from) {
  std::uint8_t bytes[64];
  std::memcpy(bytes, from, sizeof bytes);
  if (bytes[0] != 1) refuse("configuration: palette");
  if (bytes[1] != 0) refuse("configuration: start row");
  for (int i = 2; i < 64; ++i) {
    const bool shape = (i >= 16 && i < 32) || (i >= 48 && i < 56);
    if (!shape && bytes[i] != 0) refuse("configuration: reserved byte");
  }
  tiles = {.configured = true, .tile = {}};
  for (std::size_t i = 0; i < 8; ++i) {
    Tile& tile = tiles.tile.at(i);
    tile.rows = bytes[48 + i];
    tile.row_bytes = bytes[16 + 2 * i] | bytes[17 + 2 * i] << 8;
    if (tile.rows > 16 || tile.row_bytes > 64) refuse("configuration: too large a tile");
    if ((tile.rows == 0) != (tile.row_bytes == 0)) refuse("configuration: half a shape");
  }
}

inline void load_tile(unsigned number, const std::uint8_t* from, std::int64_t stride) {
  Tile& to = tile(number);
  std::memset(to.data, 0, sizeof to.data);
  for (int row = 0; row < to.rows; ++row) {
    std::memcpy(to.data[row], from + row * stride, static_cast<std::size_t>(to.row_bytes));
  }
}

inline void store_tile(unsigned number, std::uint8_t* to, std::int64_t stride) {
  const Tile& from = tile(number);
  for (int row = 0; row < from.rows; ++row) {
    std::memcpy(to + row * stride, from.data[row], static_cast<std::size_t>(from.row_bytes));
  }
}

/// TDPBSSD: each 32-bit sum gets the products of four signed bytes after the other.
inline void add_int8_products(Tile& sums, const Tile& x, const Tile& w) {
  for (int m = 0; m < sums.rows; ++m) {
    std::int32_t sum[16];
    std::memcpy(sum, sums.data[m], sizeof sum);
    for (int k = 0; k < w.rows; ++k) {
      for (int n = 0; n < 16; ++n) {
        for (int i = 0; i < 4; ++i) {
          sum[n] += static_cast<std::int8_t>(x.data[m][4 * k + i]) *
                    static_cast<std::int8_t>(w.data[k][4 * n + i]);
        }
      }
    }
    std::memcpy(sums.data[m], sum, sizeof sum);
  }
}

/// Number i of a tile's row.
inline float bf16_at(const std::uint8_t* row, int i) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, row + 2 * i, 2);
  return bf16_to_float(bits);
}

/// TDPBF16PS: even and odd columns are two chains of fused multiply-adds from zero, whose sum is
/// added to what stood there. The caller sets how the processor rounds.
[[gnu::target("fma"), gnu::noinline]] inline void add_bf16_products(Tile& sums, const Tile& x,
                                                                    const Tile& w) {
  for (int m = 0; m < sums.rows; ++m) {
    float sum[16];
    std::memcpy(sum, sums.data[m], sizeof sum);
    for (int n = 0; n < 16; ++n) {
      float even = 0.0f, odd = 0.0f;
      for (int k = 0; k < w.rows; ++k) {
        even = __builtin_fmaf(bf16_at(x.data[m], 2 * k), bf16_at(w.data[k], 2 * n), even);
        odd = __builtin_fmaf(bf16_at(x.data[m], 2 * k + 1), bf16_at(w.data[k], 2 * n + 1), odd);
      }
      sum[n] += even + odd;
    }
    std::memcpy(sums.data[m], sum, sizeof sum);
  }
}

inline void add_products(bool bf16, unsigned sums_number, unsigned x_number, unsigned w_number) {
  Tile& sums = tile(sums_number);
  const Tile &x = tile(x_number), &w = tile(w_number);
  if (sums_number == x_number || sums_number == w_number || x_number == w_number) {
    refuse("a product of a tile with itself");
  }
  if (sums.rows != x.rows || sums.row_bytes != w.row_bytes || x.row_bytes != 4 * w.rows) {
    refuse("shapes of a product don't match");
  }
  if (sums.row_bytes != 64) refuse("the emulation knows sums of 16 rows only");
  if (!bf16) return add_int8_products(sums, x, w);
  const unsigned saved = _mm_getcsr();
  _mm_setcsr(0x9fc0);  // rounds to nearest, denormals are zero in and out, no exceptions
  add_bf16_products(sums, x, w);
  _mm_setcsr(saved);
}

/// The instruction at RIP: VEX.128.0F38.W0 with three bytes of prefix.
class Instruction {
 public:
  explicit Instruction(greg_t* registers)
      : registers_(registers), at_(std::bit_cast<const std::uint8_t*>(registers[REG_RIP])) {}

  /// Does it and moves RIP behind it; false if it isn't one of AMX.
  bool execute() {
    const std::uint8_t first = at_[1], second = at_[2], opcode = at_[3], modrm = at_[4];
    const bool vex = at_[0] == 0xc4 && (first & 0x1f) == 2 && (second & 0x84) == 0;
    if (!vex) return false;
    index_high_ = (first & 0x40) == 0 ? 8 : 0;
    base_high_ = (first & 0x20) == 0 ? 8 : 0;
    at_ += 5;
    const unsigned prefix = second & 3, third = ~(second >> 3) & 15;
    const unsigned reg = (modrm >> 3) & 7, rm = modrm & 7;
    const bool memory = modrm < 0xc0;
    constexpr unsigned kNone = 0, kF3 = 2, kF2 = 3;
    if (opcode == 0x49 && prefix == kNone && memory) {
      load_configuration(address(modrm, nullptr));
    } else if (opcode == 0x49 && prefix == kNone && modrm == 0xc0) {
      tiles = {};
    } else if (opcode == 0x49 && prefix == kF2 && !memory) {
      std::memset(tile(reg).data, 0, sizeof(Tile::data));
    } else if (opcode == 0x4b && prefix == kF2 && memory && rm == 4) {
      std::int64_t stride = 0;
      const std::uint8_t* from = address(modrm, &stride);
      load_tile(reg, from, stride);
    } else if (opcode == 0x4b && prefix == kF3 && memory && rm == 4) {
      std::int64_t stride = 0;
      std::uint8_t* to = address(modrm, &stride);
      store_tile(reg, to, stride);
    } else if (opcode == 0x5e && prefix == kF2 && !memory) {
      add_products(false, reg, rm, third);
    } else if (opcode == 0x5c && prefix == kF3 && !memory) {
      add_products(true, reg, rm, third);
    } else {
      return false;
    }
    registers_[REG_RIP] = reinterpret_cast<greg_t>(at_);
    return true;
  }

 private:
  std::int64_t value(unsigned number) const {
    static constexpr int kRegisters[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                           REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                           REG_R12, REG_R13, REG_R14, REG_R15};
    return registers_[kRegisters[number]];
  }

  std::int64_t displacement(int bytes) {
    std::int32_t wide = 0;
    std::int8_t narrow = 0;
    if (bytes == 4) std::memcpy(&wide, at_, 4);
    if (bytes == 1) std::memcpy(&narrow, at_, 1);
    at_ += bytes;
    return bytes == 4 ? wide : narrow;
  }

  /// With `stride`, the index is a tile's stride and no part of the address.
  std::uint8_t* address(std::uint8_t modrm, std::int64_t* stride) {
    const unsigned mode = modrm >> 6;
    unsigned base = modrm & 7;
    const bool sib = base == 4;
    std::int64_t index = 0;
    if (sib) {
      const std::uint8_t byte = *at_++;
      base = byte & 7;
      const unsigned number = ((byte >> 3) & 7u) + index_high_;
      if (number != 4) index = value(number) << (byte >> 6);
    }
    std::int64_t sum = 0;
    if (mode == 0 && base == 5) {  // no base; without SIB: RIP, as it is behind the instruction
      sum = displacement(4);
      if (!sib) sum += reinterpret_cast<std::int64_t>(at_);
    } else {
      sum = value(base + base_high_) + displacement(mode == 0 ? 0 : mode == 1 ? 1 : 4);
    }
    if (stride != nullptr) {
      *stride = index;
    } else {
      sum += index;
    }
    return std::bit_cast<std::uint8_t*>(sum);
  }

  greg_t* registers_;
  const std::uint8_t* at_;
  unsigned index_high_ = 0, base_high_ = 0;
};

inline void on_illegal_instruction(int, siginfo_t*, void* context) {
  auto* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  if (!Instruction(registers).execute()) (void)::signal(SIGILL, SIG_DFL);  // it is raised again
}

/// Makes Isa::amx available for the rest of the process where the processor has it not but has
/// AVX-512 with bf16. Returns false if it can't.
inline bool install() {
  const std::vector<Isa> isas = available_isas();
  if (isas.back() == Isa::amx) return true;
  if (isas.back() != Isa::avx512 || !__builtin_cpu_supports("avx512bf16")) return false;
  struct sigaction action = {};
  action.sa_sigaction = on_illegal_instruction;
  action.sa_flags = SA_SIGINFO;
  if (::sigaction(SIGILL, &action, nullptr) != 0) return false;
  set_emulated(Isa::amx);
  return true;
}

}  // namespace r1::amx_emulator

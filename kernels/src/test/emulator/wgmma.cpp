// Products of matrices by warpgroups. They are computed when all 128 threads wait for them.

#include "block.h"

namespace emu {

namespace {

constexpr int kWarpgroup = 128;
constexpr int kRows = 64;
constexpr int kMostColumns = 256;
// What an instruction takes of a K-major row: two chunks of 16 bytes.
constexpr int kChunkBytes = 16;
constexpr int kRowChunks = 2;
// 16-bit elements of a chunk.
constexpr int kChunk = 8;

float widen_e4m3(uint8_t code) {
  int exponent = code >> 3 & 15;
  int mantissa = code & 7;
  float magnitude = (code & 0x7f) == 0x7f ? NAN
                    : exponent == 0       ? ldexpf(float(mantissa), -9)
                                          : ldexpf(float(8 + mantissa), exponent - 10);
  return code & 0x80 ? -magnitude : magnitude;
}

struct E4m3Values {
  float of[256];
  E4m3Values() {
    for (int code = 0; code < 256; code++) of[code] = widen_e4m3(uint8_t(code));
  }
};
const E4m3Values kE4m3Values;

// An element of a chunk.
template <Element kElement>
float widen(const char *chunk, int i) {
  if constexpr (kElement == Element::kInt8) {
    return float(int8_t(chunk[i]));
  } else if constexpr (kElement == Element::kE4m3) {
    return kE4m3Values.of[uint8_t(chunk[i])];
  } else {
    uint16_t bits;
    memcpy(&bits, chunk + 2 * i, sizeof bits);
    return kElement == Element::kHalf ? __half2float(__half{bits})
                                      : __uint_as_float(uint32_t(bits) << 16);
  }
}

// The fields of a descriptor, in bytes; the address as an offset in dynamic shared memory, which
// begins where the swizzle does. All bits between them are reserved but 49 to 51, the base offset
// of matrices that do not begin where the swizzle does: it is not emulated.
struct Descriptor {
  static constexpr uint64_t kField = 0x3fff;
  static constexpr uint64_t kKnown =
      kField | kField << 16 | kField << 32 | uint64_t(3) << 62;

  uint32_t address;
  uint32_t leading;
  uint32_t stride;

  Descriptor(uint64_t bits, void *pc)
      : address((uint32_t(bits & kField) << 4) - Block::kSharedBase),
        leading(uint32_t(bits >> 16 & kField) << 4),
        stride(uint32_t(bits >> 32 & kField) << 4) {
    if (bits >> 62 != 1) {
      fail(kLaunchFailure, "wgmma: a descriptor without the 128-byte swizzle at %s",
           where(pc).text);
    }
    if ((bits & ~kKnown) != 0) {
      fail(kLaunchFailure, "wgmma: a descriptor with reserved bits 0x%llx at %s",
           static_cast<unsigned long long>(bits & ~kKnown), where(pc).text);
    }
  }

  // A chunk of row `row` of a K-major matrix.
  uint32_t k_major(int row, int chunk) const {
    return swizzle_128(address + uint32_t(row / 8) * stride + uint32_t(row % 8) * 128 +
                       uint32_t(chunk) * 16);
  }
  // Eight elements of row k of a [K][N] matrix from column `chunk` * 8.
  uint32_t mn_major(int k, int chunk) const {
    return swizzle_128(address + uint32_t(k / 8) * stride + uint32_t(k % 8) * 128 +
                       uint32_t(chunk / 8) * leading + uint32_t(chunk % 8) * 16);
  }
};

uint32_t operand_b(const Product &product, const Descriptor &b, int index) {
  if (product.b_is_k_major) return b.k_major(index / 2, index % 2);
  int chunks = product.columns / kChunk;
  return b.mn_major(index / chunks, index % chunks);
}

void check_inside(const Block &b, uint32_t offset, const Product &product) {
  if (size_t(offset) + kChunkBytes > b.launch->dynamic_bytes) {
    fail(kIllegalAddress, "wgmma reads shared memory at offset %u of %zu at %s", offset,
         b.launch->dynamic_bytes, where(product.pc).text);
  }
}

// Each warp looks at its own rows of a, and at a quarter of b, when it issues a product.
void check_operands(Block &b, const Product &product) {
  int thread = b.current->id;
  int warp = thread / kWarpSize % 4;
  auto check = [&](uint32_t offset) {
    check_inside(b, offset, product);
    b.checker.check_tensor_operand(thread, offset, kChunkBytes, product.pc);
  };
  if (!product.a_in_registers) {
    Descriptor a(product.a, product.pc);
    for (int i = 0; i < kRows / 2; i++) check(a.k_major(warp * 16 + i / 2, i % 2));
  }
  Descriptor operand(product.b, product.pc);
  for (int i = warp; i < 2 * product.columns; i += 4) check(operand_b(product, operand, i));
}

// Reads operands for a warpgroup, one after the other.
struct Reader {
  Block &b;
  int tensor_core;
  const Product &product;

  const char *chunk(uint32_t offset) const {
    check_inside(b, offset, product);
    if (b.checker.enabled()) {
      b.checker.read_shared(b.current->id, offset, kChunkBytes, tensor_core, product.pc);
    }
    return b.dynamic + offset;
  }
};

template <Element kElement>
constexpr int kElements = kElement == Element::kE4m3 || kElement == Element::kInt8 ? kChunkBytes
                                                                                    : kChunk;
template <Element kElement>
constexpr int kDepth = kRowChunks * kElements<kElement>;

template <Element kElement>
using MatrixA = float[kRows][kDepth<kElement>];
template <Element kElement>
using MatrixB = float[kDepth<kElement>][kMostColumns];

template <Element kElement>
void read_a(const Reader &reader, int first_thread, size_t index, MatrixA<kElement> &a) {
  const Product &product = reader.product;
  if (!product.a_in_registers) {
    Descriptor descriptor(product.a, product.pc);
    for (int row = 0; row < kRows; row++) {
      for (int i = 0; i < kDepth<kElement>; i += kElements<kElement>) {
        const char *chunk = reader.chunk(descriptor.k_major(row, i / kElements<kElement>));
        for (int e = 0; e < kElements<kElement>; e++) a[row][i + e] = widen<kElement>(chunk, e);
      }
    }
    return;
  }
  // Only elements of 16 bits can be: hopper.cuh.
  for (int t = 0; t < kWarpgroup; t++) {
    const Fiber &fiber = reader.b.fibers[size_t(first_thread + t)];
    const Product &own = fiber.products.products[index];
    const char *registers = reinterpret_cast<const char *>(own.a_registers);
    int row = t / kWarpSize * 16 + t % kWarpSize / 4;
    for (int i = 0; i < 8; i++) {
      int column = 2 * (t % 4) + 8 * (i / 4) + i % 2;
      a[row + 8 * (i / 2 % 2)][column] = widen<kElement>(registers, i);
    }
  }
}

template <Element kElement>
void read_b(const Reader &reader, MatrixB<kElement> &b) {
  const Product &product = reader.product;
  Descriptor descriptor(product.b, product.pc);
  int chunks = product.columns / kChunk;
  for (int index = 0; index < 2 * product.columns; index++) {
    const char *chunk = reader.chunk(operand_b(product, descriptor, index));
    for (int e = 0; e < kElements<kElement>; e++) {
      float value = widen<kElement>(chunk, e);
      if (product.b_is_k_major) {
        b[index % 2 * kElements<kElement> + e][index / 2] = value;
      } else {
        b[index / chunks][index % chunks * kChunk + e] = value;
      }
    }
  }
}

// Sums of so many rows and columns stay in the CPU's registers.
constexpr int kTileRows = 4;
constexpr int kTileColumns = 32;
using TileRow = float __attribute__((vector_size(sizeof(float) * kTileColumns)));

template <Element kElement>
void multiply_tile(const MatrixA<kElement> &a, const MatrixB<kElement> &b, int row, int column,
                   float (&sums)[kTileRows][kMostColumns]) {
  TileRow d[kTileRows] = {};
  for (int k = 0; k < kDepth<kElement>; k++) {
    TileRow factors;
    memcpy(&factors, &b[k][column], sizeof factors);
    for (int i = 0; i < kTileRows; i++) d[i] += a[row + i][k] * factors;
  }
  for (int i = 0; i < kTileRows; i++) memcpy(&sums[i][column], &d[i], sizeof d[i]);
}

// A row belongs to four lanes, which have two columns of every eight. Sums of 32 products of int8
// are exact in fp32.
template <typename Sum>
void add_row(const Block &block, int first_thread, size_t index, int row, const float *sums) {
  for (int lane = 0; lane < 4; lane++) {
    int thread = first_thread + row / 16 * kWarpSize + row % 8 * 4 + lane;
    const Product &own = block.fibers[size_t(thread)].products.products[index];
    Sum *d = static_cast<Sum *>(own.d) + row / 8 % 2 * 2;
    int columns = own.columns;
    bool accumulate = own.accumulate;
    for (int column = 2 * lane; column < columns; column += 8, d += 4) {
      for (int i = 0; i < 2; i++) {
        Sum sum = Sum(sums[column + i]);
        d[i] = accumulate ? d[i] + sum : sum;
      }
    }
  }
}

template <Element kElement>
void multiply(Block &block, int warpgroup, size_t index) {
  int first_thread = warpgroup * kWarpgroup;
  const Product &product = block.fibers[size_t(first_thread)].products.products[index];
  for (int t = 0; t < kWarpgroup; t++) {
    const Product &own = block.fibers[size_t(first_thread + t)].products.products[index];
    if (own.a != product.a || own.b != product.b || own.columns != product.columns) {
      fail(kLaunchFailure, "the warps of warpgroup %d give different operands to wgmma at %s",
           warpgroup, where(own.pc).text);
    }
  }
  Reader reader{block, block.checker.tensor_core(warpgroup), product};
  MatrixA<kElement> a;
  MatrixB<kElement> b;
  read_a<kElement>(reader, first_thread, index, a);
  read_b<kElement>(reader, b);
  for (int row = 0; row < kRows; row += kTileRows) {
    float sums[kTileRows][kMostColumns];
    for (int column = 0; column < product.columns; column += kTileColumns) {
      multiply_tile<kElement>(a, b, row, column, sums);
    }
    for (int i = 0; i < kTileRows; i++) {
      using Sum = std::conditional_t<kElement == Element::kInt8, int, float>;
      add_row<Sum>(block, first_thread, index, row + i, sums[i]);
    }
  }
}

void multiply(Block &block, int warpgroup, size_t index) {
  switch (block.fibers[size_t(warpgroup * kWarpgroup)].products.products[index].element) {
    case Element::kBfloat16:
      return multiply<Element::kBfloat16>(block, warpgroup, index);
    case Element::kHalf:
      return multiply<Element::kHalf>(block, warpgroup, index);
    case Element::kE4m3:
      return multiply<Element::kE4m3>(block, warpgroup, index);
    case Element::kInt8:
      return multiply<Element::kInt8>(block, warpgroup, index);
  }
}

Range sums_of(const Product &product) {
  const char *first = reinterpret_cast<const char *>(product.d);
  return {first, first + sizeof(float) * size_t(product.columns / 2)};
}

size_t products_before(const ProductQueue &queue, int group) {
  size_t count = 0;
  while (count < queue.products.size() && queue.products[count].group < group) count++;
  return count;
}

// All threads of the warpgroup wait: computes the products of all groups before this one.
void finish_products(Block &b, int warpgroup, int before_group) {
  size_t first = size_t(warpgroup * kWarpgroup);
  size_t count = products_before(b.fibers[first].products, before_group);
  for (size_t t = first; t < first + kWarpgroup; t++) {
    if (products_before(b.fibers[t].products, before_group) != count) {
      fail(kLaunchFailure, "the warps of warpgroup %d issued different numbers of wgmma",
           warpgroup);
    }
  }
  int tensor_core = b.checker.tensor_core(warpgroup);
  uint32_t step = b.checker.enabled() ? b.checker.begin_step(tensor_core) : 0;
  for (size_t i = 0; i < count; i++) multiply(b, warpgroup, i);
  for (size_t t = first; t < first + kWarpgroup; t++) {
    ProductQueue &queue = b.fibers[t].products;
    auto &products = queue.products;
    for (size_t i = 0; i < count && b.checker.enabled(); i++) {
      queue.hold(products[i].d);
      queue.unheld.push_back(sums_of(products[i]));
    }
    products.erase(products.begin(), products.begin() + long(count));
    b.checker.learn(int(t), tensor_core, step);
  }
}

}  // namespace

// Registers belong to a product until it was waited for. Then its sums do not belong to the kernel
// before wgmma_hold: a compiler that sees nothing but asm may read them ahead of the wait.
void ProductQueue::check_access(const char *address, size_t bytes, void *pc) const {
  if (products.empty() && unheld.empty()) return;
  Range access{address, address + bytes};
  for (const Product &product : products) {
    if (access.overlaps(sums_of(product))) {
      fail(kLaunchFailure, "sums of a wgmma that is in flight are touched at %s", where(pc).text);
    }
    const char *fragment = reinterpret_cast<const char *>(product.fragment);
    if (product.a_in_registers &&
        access.overlaps({fragment, fragment + sizeof product.a_registers})) {
      fail(kLaunchFailure, "the fragment of a wgmma that is in flight is touched at %s",
           where(pc).text);
    }
  }
  for (const Range &sums : unheld) {
    if (access.overlaps(sums)) {
      fail(kLaunchFailure, "sums are touched without wgmma_hold after their wait at %s",
           where(pc).text);
    }
  }
}

void ProductQueue::hold(const void *d) {
  for (size_t i = 0; i < unheld.size(); i++) {
    if (unheld[i].begin != d) continue;
    unheld.erase(unheld.begin() + long(i));
    return;
  }
}

void hold_sums(const void *d) { block->current->products.hold(d); }

void fence_async() { block->checker.fence_async_proxy(block->current->id); }

void fence_products() { block->current->products.fenced = true; }

void issue_product(const Product &product) {
  Block &b = *block;
  ProductQueue &queue = b.current->products;
  require_hopper("wgmma", product.pc);
  int warpgroup = b.current->id / kWarpgroup;
  if ((warpgroup + 1) * kWarpgroup > b.threads) {
    fail(kLaunchFailure, "wgmma needs 128 threads of a warpgroup at %s", where(product.pc).text);
  }
  if (!queue.fenced) {
    fail(kLaunchFailure, "no wgmma_fence before the first wgmma of a group at %s",
         where(product.pc).text);
  }
  uint64_t operands[2] = {product.a, product.b};
  auto slots = collect(kWgmma, ~0u, operands, sizeof operands, product.pc);
  if (memcmp(slots, operands, sizeof operands) != 0) {
    fail(kLaunchFailure, "the lanes of a warp give different descriptors to wgmma at %s",
         where(product.pc).text);
  }
  if (b.checker.enabled() && lane() == 0) check_operands(b, product);
  queue.hold(product.d);
  queue.products.push_back(product);
  queue.products.back().group = queue.groups;
}

void commit_products() {
  ProductQueue &queue = block->current->products;
  queue.groups++;
  queue.fenced = false;
}

void wait_products(int pending, void *pc) {
  Block &b = *block;
  int before_group = b.current->products.groups - pending;
  if (products_before(b.current->products, before_group) == 0) return;
  int warpgroup = b.current->id / kWarpgroup;
  std::vector<int> &waiting = b.hopper.waiting[warpgroup];
  waiting.push_back(b.current->id);
  if (waiting.size() == kWarpgroup) {
    finish_products(b, warpgroup, before_group);
    for (int thread : waiting) b.make_ready(thread);
    waiting.clear();
  }
  b.wait(pc);
}

}  // namespace emu

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
constexpr int kMostDepth = kRowChunks * kChunkBytes;
// 16-bit elements of a chunk.
constexpr int kChunk = 8;

float widen(uint16_t bits, Element element) {
  return element == Element::kHalf ? __half2float(__half{bits})
                                   : __uint_as_float(uint32_t(bits) << 16);
}

float widen_e4m3(uint8_t code) {
  int exponent = code >> 3 & 15;
  int mantissa = code & 7;
  float magnitude = (code & 0x7f) == 0x7f ? NAN
                    : exponent == 0       ? ldexpf(float(mantissa), -9)
                                          : ldexpf(float(8 + mantissa), exponent - 10);
  return code & 0x80 ? -magnitude : magnitude;
}

bool has_bytes(const Product &product) {
  return product.element == Element::kE4m3 || product.element == Element::kInt8;
}

int chunk_elements(const Product &product) { return has_bytes(product) ? kChunkBytes : kChunk; }

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

  void read(uint32_t offset, float (&values)[kChunkBytes]) const {
    check_inside(b, offset, product);
    if (b.checker.enabled()) {
      b.checker.read_shared(b.current->id, offset, kChunkBytes, tensor_core, product.pc);
    }
    if (has_bytes(product)) {
      uint8_t codes[kChunkBytes];
      memcpy(codes, b.dynamic + offset, sizeof codes);
      for (int i = 0; i < kChunkBytes; i++) {
        values[i] = product.element == Element::kInt8 ? float(int8_t(codes[i]))
                                                      : widen_e4m3(codes[i]);
      }
      return;
    }
    uint16_t bits[kChunk];
    memcpy(bits, b.dynamic + offset, sizeof bits);
    for (int i = 0; i < kChunk; i++) values[i] = widen(bits[i], product.element);
  }
};

using MatrixA = float[kRows][kMostDepth];
using MatrixB = float[kMostDepth][kMostColumns];

void read_a(const Reader &reader, int first_thread, size_t index, MatrixA &a) {
  const Product &product = reader.product;
  if (!product.a_in_registers) {
    Descriptor descriptor(product.a, product.pc);
    for (int row = 0; row < kRows; row++) {
      for (int chunk = 0; chunk < kRowChunks; chunk++) {
        int elements = chunk_elements(product);
        float values[kChunkBytes];
        reader.read(descriptor.k_major(row, chunk), values);
        for (int i = 0; i < elements; i++) a[row][chunk * elements + i] = values[i];
      }
    }
    return;
  }
  for (int t = 0; t < kWarpgroup; t++) {
    const Fiber &fiber = reader.b.fibers[size_t(first_thread + t)];
    const Product &own = fiber.products.products[index];
    int row = t / kWarpSize * 16 + t % kWarpSize / 4;
    for (int i = 0; i < 8; i++) {
      uint16_t bits = uint16_t(own.a_registers[i / 2] >> 16 * (i % 2));
      int column = 2 * (t % 4) + 8 * (i / 4) + i % 2;
      a[row + 8 * (i / 2 % 2)][column] = widen(bits, product.element);
    }
  }
}

void read_b(const Reader &reader, MatrixB &b) {
  const Product &product = reader.product;
  Descriptor descriptor(product.b, product.pc);
  int chunks = product.columns / kChunk;
  int elements = chunk_elements(product);
  for (int index = 0; index < 2 * product.columns; index++) {
    float values[kChunkBytes];
    reader.read(operand_b(product, descriptor, index), values);
    for (int i = 0; i < elements; i++) {
      if (product.b_is_k_major) {
        b[index % 2 * elements + i][index / 2] = values[i];
      } else {
        b[index / chunks][index % chunks * kChunk + i] = values[i];
      }
    }
  }
}

// Sums of 32 products of int8 are exact in fp32.
void add(const Product &own, int index, float sum) {
  if (own.element == Element::kInt8) {
    int &d = static_cast<int *>(own.d)[index];
    d = own.accumulate ? d + int(sum) : int(sum);
  } else {
    float &d = static_cast<float *>(own.d)[index];
    d = own.accumulate ? d + sum : sum;
  }
}

void multiply(Block &block, int warpgroup, size_t index) {
  int first_thread = warpgroup * kWarpgroup;
  const Product &product = block.fibers[size_t(first_thread)].products.products[index];
  Reader reader{block, block.checker.tensor_core(warpgroup), product};
  MatrixA a;
  MatrixB b;
  float sums[kRows][kMostColumns];
  read_a(reader, first_thread, index, a);
  read_b(reader, b);
  int columns = product.columns;
  int depth = kRowChunks * chunk_elements(product);
  for (int row = 0; row < kRows; row++) {
    for (int column = 0; column < columns; column++) sums[row][column] = 0;
    for (int k = 0; k < depth; k++) {
      for (int column = 0; column < columns; column++) {
        sums[row][column] += a[row][k] * b[k][column];
      }
    }
  }
  for (int t = 0; t < kWarpgroup; t++) {
    const Product &own = block.fibers[size_t(first_thread + t)].products.products[index];
    if (own.a != product.a || own.b != product.b || own.columns != columns) {
      fail(kLaunchFailure, "the warps of warpgroup %d give different operands to wgmma at %s",
           warpgroup, where(own.pc).text);
    }
    int row = t / kWarpSize * 16 + t % kWarpSize / 4;
    for (int i = 0; i < columns / 2; i++) {
      add(own, i, sums[row + 8 * (i / 2 % 2)][8 * (i / 4) + 2 * (t % 4) + i % 2]);
    }
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

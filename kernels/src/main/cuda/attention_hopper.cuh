// Attention on the tensor cores of compute capability 9.0, for head dims 64 and 128, a positive
// scale and 16-byte aligned tensors of [sequences, rows, heads, head_dim]. Queries and keys are of the
// values' type or, for a head dim of 128, of int8.
//
// A block takes 128 queries of one head and walks through the keys in tiles of 128. Its third
// warpgroup copies tiles with TMA into two slots each for keys and values; the first and the second
// compute 64 queries each. In a step a warpgroup starts the scores of this tile and the product of
// the last tile's weights with its values, and computes the weights of this tile while the latter
// runs; the warpgroups take turns at starting, so that one's softmax falls into the other's
// products. Where the last tile of a sequence has no queries for the second, the block goes without
// it; these blocks come last, so that they fill the last round. Grid: tiles of queries of all heads
// of all sequences. Bound by arithmetic at head dim 128; at 64 the exponential functions take as
// long as the products.
#pragma once
#include "hopper.cuh"
#include "online_softmax.cuh"

constexpr int kQueries = 128;
constexpr int kKeys = 128;
constexpr int kSlots = 2;
constexpr int kWarpgroup = 128;
constexpr int kConsumers = 2;
constexpr int kOwnQueries = kQueries / kConsumers;
constexpr int kThreads = kWarpgroup * (kConsumers + 1);

// Registers of a thread: 128 * 24 + 256 * 240 of the 65536 that a multiprocessor has.
constexpr int kProducerRegisters = 24;
constexpr int kConsumerRegisters = 240;

// TMA writes a tile as chunks of 128 bytes for each of its 128 rows: 64 columns, or 128 of int8.
constexpr int kRowBytes = 128;
constexpr int kChunkBytes = 128 * kRowBytes;

// Chunks of a tile whose rows are kDim elements of type T.
template <typename T, int kDim>
constexpr int kChunks = kDim * int(sizeof(T)) / kRowBytes;

// Addresses in shared memory: queries, slots of keys (both of type Q), slots of values (of type T),
// and one barrier each for "queries are here", "keys (values) are here" and "slot of keys (values)
// is free".
template <typename Q, typename T, int kDim>
struct Layout {
  static constexpr int kKeyBytes = kChunks<Q, kDim> * kChunkBytes;
  static constexpr int kValueBytes = kChunks<T, kDim> * kChunkBytes;
  static constexpr int kValues = (1 + kSlots) * kKeyBytes;
  static constexpr int kBarriers = kValues + kSlots * kValueBytes;
  uint32_t base;

  DEV uint32_t queries() const { return base; }
  DEV uint32_t keys(int tile) const { return base + (1 + tile % kSlots) * kKeyBytes; }
  DEV uint32_t values(int tile) const { return base + kValues + tile % kSlots * kValueBytes; }
  DEV uint32_t barrier(int i) const { return base + kBarriers + 8 * i; }
  DEV uint32_t queries_full() const { return barrier(0); }
  DEV uint32_t keys_full(int tile) const { return barrier(1 + tile % kSlots); }
  DEV uint32_t keys_free(int tile) const { return barrier(1 + kSlots + tile % kSlots); }
  DEV uint32_t values_full(int tile) const { return barrier(1 + 2 * kSlots + tile % kSlots); }
  DEV uint32_t values_free(int tile) const { return barrier(1 + 3 * kSlots + tile % kSlots); }
};

// Parity of the phase that a slot's barriers are in for a tile.
DEV int phase(int tile) { return tile / kSlots % 2; }

// What a block computes.
struct Work {
  int first_query;
  int head;
  int sequence;
  int consumers;  // warpgroups that have queries

  DEV Work(int queries, int heads) {
    const int tiles = (queries + kQueries - 1) / kQueries;
    // Those with queries for both consumers; at most one of a sequence has not.
    const int whole = (queries + kQueries - kOwnQueries - 1) / kQueries;
    const int block = blockIdx.x;
    const int whole_blocks = gridDim.x / tiles * whole;
    const bool is_whole = block < whole_blocks;
    const int head_of_all = is_whole ? block / whole : block - whole_blocks;
    first_query = (is_whole ? block % whole : whole) * kQueries;
    head = head_of_all % heads;
    sequence = head_of_all / heads;
    consumers = is_whole ? kConsumers : 1;
  }
};

// Starts the copy of 128 rows of a head of a sequence; rows beyond the sequence become zero.
template <typename T, int kDim>
DEV void load_tile(uint32_t tile, const CUtensorMap &map, const Work &work, int first_row,
                   uint32_t barrier) {
  constexpr int kColumns = kRowBytes / sizeof(T);
  mbar_expect_tx(barrier, kChunks<T, kDim> * kChunkBytes);
#pragma unroll
  for (int chunk = 0; chunk < kChunks<T, kDim>; chunk++) {
    tma_load_4d(tile + chunk * kChunkBytes, &map, chunk * kColumns, work.head, first_row,
                work.sequence, barrier);
  }
}

// One thread copies everything the block needs, in the order of use.
template <typename Q, typename T, int kDim>
DEV void produce(const Layout<Q, T, kDim> &shared, const CUtensorMap &q, const CUtensorMap &k,
                 const CUtensorMap &v, const Work &work, int tiles) {
  load_tile<Q, kDim>(shared.queries(), q, work, work.first_query, shared.queries_full());
  for (int t = 0; t < tiles; t++) {
    if (t >= kSlots) mbar_wait(shared.keys_free(t), phase(t - kSlots));
    load_tile<Q, kDim>(shared.keys(t), k, work, t * kKeys, shared.keys_full(t));
    if (t >= kSlots) mbar_wait(shared.values_free(t), phase(t - kSlots));
    load_tile<T, kDim>(shared.values(t), v, work, t * kKeys, shared.values_full(t));
  }
  admit_next_kernel();
}

// Starts scores = queries keys^T for the 64 queries of a warpgroup. A step reads 32 bytes of a row.
template <typename Q, int kDim>
DEV void start_scores(SumOf<Q> (&scores)[kKeys / 2], uint32_t queries, uint32_t keys) {
  wgmma_hold(scores);
  wgmma_fence();
#pragma unroll
  for (int step = 0; step < 4 * kChunks<Q, kDim>; step++) {
    const uint32_t offset = step / 4 * kChunkBytes + step % 4 * 32;
    wgmma<Q, kKeys>(scores, descriptor_k_major(queries + offset), descriptor_k_major(keys + offset),
                    step > 0);
  }
  wgmma_commit();
}

// Starts sums += weights values.
template <typename T, int kDim>
DEV void start_values(float (&sums)[kDim / 2], const uint32_t (&weights)[kKeys / 16][4],
                      uint32_t values) {
  wgmma_hold(sums);
  wgmma_fence();
#pragma unroll
  for (int step = 0; step < kKeys / 16; step++) {
    const uint32_t rows = values + step * 16 * kRowBytes;
    wgmma<T, kDim, kMajorMN>(sums, weights[step], descriptor_mn_major(rows, kChunkBytes), true);
  }
  wgmma_commit();
}

// A warp is done with a slot.
DEV void release(uint32_t barrier) {
  if (threadIdx.x % 32 == 0) mbar_arrive(barrier);
}

// One of two warpgroups waits for its turn to start products, and passes it on.
DEV void take_turn(int warpgroup) { named_barrier_sync(1 + warpgroup, kConsumers * kWarpgroup); }
DEV void pass_turn(int warpgroup) { named_barrier_arrive(2 - warpgroup, kConsumers * kWarpgroup); }

template <typename Q, typename T, int kDim, typename Scales, typename Transform>
DEV void consume(const Layout<Q, T, kDim> &shared, T *out, int queries, int keys, int heads,
                 const Scales &scales, int tiles, const Work &work, const Transform &transform) {
  const int warpgroup = threadIdx.x / kWarpgroup;
  const uint32_t own_queries = shared.queries() + warpgroup * kOwnQueries * kRowBytes;
  const bool in_turns = work.consumers > 1;
  const int first_query = work.first_query + threadIdx.x / 32 * 16;
  const auto scales_of_rows = scales.of_rows(work.head, first_query, queries);
  float scores[kKeys / 2];
  float sums[kDim / 2] = {};
  float shrink[2];
  uint32_t weights[kKeys / 16][4];
  OnlineSoftmax softmax;

  // The first warpgroup goes first; the last turn is passed to nobody.
  if (warpgroup == 1 && tiles > 1) pass_turn(warpgroup);
  mbar_wait(shared.queries_full(), 0);
  mbar_wait(shared.keys_full(0), 0);
  const auto first_scale = scales_of_rows.of_keys(0);
  {
    Products<SumOf<Q>, kKeys / 2> own;
    auto &products = own.of(scores);
    start_scores<Q, kDim>(products, own_queries, shared.keys(0));
    wgmma_wait<0>();
    wgmma_hold(products);
    release(shared.keys_free(0));
    as_scores(products, scores);
  }
  if (keys < kKeys) mask_keys(scores, keys);
  add_scores(softmax, scores, first_scale, shrink);
  weights_operands<T>(scores, weights);

  for (int t = 1; t < tiles; t++) {
    mbar_wait(shared.keys_full(t), phase(t));
    if (in_turns) take_turn(warpgroup);
    const auto scale = scales_of_rows.of_keys(t * kKeys);
    Products<SumOf<Q>, kKeys / 2> own;
    auto &products = own.of(scores);
    start_scores<Q, kDim>(products, own_queries, shared.keys(t));
    mbar_wait(shared.values_full(t - 1), phase(t - 1));
    start_values<T, kDim>(sums, weights, shared.values(t - 1));
    if (in_turns && (warpgroup == 0 || t + 1 < tiles)) pass_turn(warpgroup);
    wgmma_wait<1>();
    wgmma_hold(products);
    release(shared.keys_free(t));
    as_scores(products, scores);
    if ((t + 1) * kKeys > keys) mask_keys(scores, keys - t * kKeys);
    add_scores(softmax, scores, scale, shrink);
    wgmma_wait<0>();
    wgmma_hold(sums);
    release(shared.values_free(t - 1));
    scale_rows(sums, shrink);
    weights_operands<T>(scores, weights);
  }
  mbar_wait(shared.values_full(tiles - 1), phase(tiles - 1));
  start_values<T, kDim>(sums, weights, shared.values(tiles - 1));
  wgmma_wait<0>();
  wgmma_hold(sums);
  average(softmax, sums);
  transform(sums, first_query, queries);

  const int64_t stride = static_cast<int64_t>(heads) * kDim;
  T *sequence = out + static_cast<int64_t>(work.sequence) * queries * stride;
  const int lane = threadIdx.x % 32;
  const int first = first_query + lane / 4;
#pragma unroll
  for (int e = 0; e < kDim / 2; e += 2) {
    const int row = first + e / 2 % 2 * 8;
    const int column = e / 4 * 8 + lane % 4 * 2;
    if (row < queries) {
      *reinterpret_cast<uint32_t *>(sequence + row * stride + work.head * kDim + column) =
          pack<T>(sums[e], sums[e + 1]);
    }
  }
}

// queries, keys: of a sequence. q may be a map of out: a block has read its queries before it
// stores. Q: the type of queries and keys, T or int8_t. scales: a SameScale, or what is asked as one;
// transform: an Untransformed, or what is called as one.
template <typename T, int kDim, typename Q = T, typename Scales, typename Transform>
DEV void attention_hopper(const CUtensorMap &q, const CUtensorMap &k, const CUtensorMap &v, T *out,
                          int queries, int keys, int heads, const Scales &scales,
                          const Transform &transform) {
  DYN_SMEM(unsigned char, memory);
  const Layout<Q, T, kDim> shared = {smem_u32(memory)};
  const int tiles = (keys + kKeys - 1) / kKeys;
  const Work work(queries, heads);
  if (threadIdx.x == 0) {
    tma_prefetch(&q);
    tma_prefetch(&k);
    tma_prefetch(&v);
    mbar_init(shared.queries_full(), 1);
    for (int slot = 0; slot < kSlots; slot++) {
      mbar_init(shared.keys_full(slot), 1);
      mbar_init(shared.values_full(slot), 1);
      mbar_init(shared.keys_free(slot), work.consumers * kWarpgroup / 32);
      mbar_init(shared.values_free(slot), work.consumers * kWarpgroup / 32);
    }
  }
  wait_for_previous_kernel();
  __syncthreads();
  if (threadIdx.x >= kConsumers * kWarpgroup) {
    registers_decrease<kProducerRegisters>();
    if (threadIdx.x == kConsumers * kWarpgroup) produce(shared, q, k, v, work, tiles);
  } else if (threadIdx.x < work.consumers * kWarpgroup) {
    registers_increase<kConsumerRegisters>();
    consume(shared, out, queries, keys, heads, scales, tiles, work, transform);
  }
}

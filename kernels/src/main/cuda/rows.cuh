// Passes over rows that need a reduction first: norms and softmax. A row is shared by a team of
// threads, each of which takes chunks of eight consecutive columns. The order of every sum depends
// on the length of the row alone.
#pragma once

#include "eights.cuh"

// Threads of a block when a warp has several rows.
constexpr int kSmallTeamsThreads = 256;
// Most threads of a team.
constexpr int kMostTeamThreads = 1024;
// Floats of shared memory that Team::reduce of up to two values needs.
constexpr int kTeamScratch = 2 * kMostTeamThreads / 32;
// Chunks of a thread that stay in registers between the passes over a row.
constexpr int kKeptChunks = 2;

// The threads that share a row: a power of two up to 32, so that a warp has one row or several, or
// the whole block.
struct Team {
  int threads;
  int thread;  // this one among them
  int row;     // the row of the grid's that they share
  float *scratch;

  // scratch: kTeamScratch floats of shared memory.
  DEV Team(int threads, float *scratch)
      : threads(threads),
        thread(threadIdx.x % threads),
        row(blockIdx.x * (blockDim.x / threads) + threadIdx.x / threads),
        scratch(scratch) {}

  // Combines each of the values over the team; every thread gets the results.
  template <int kValues, typename Combine>
  DEV void reduce(float (&values)[kValues], Combine combine) const {
    static_assert(kValues <= 2, "see kTeamScratch");
    reduce_lanes(values, combine, min(threads, 32));
    if (threads <= 32) return;
    const int warps = threads / 32;
    const int lane = threadIdx.x % 32;
    __syncthreads();  // the values of the reduction before this one have been read
    if (lane == 0) {
#pragma unroll
      for (int v = 0; v < kValues; v++) scratch[v * 32 + threadIdx.x / 32] = values[v];
    }
    __syncthreads();
#pragma unroll
    for (int v = 0; v < kValues; v++) {
      float combined = scratch[v * 32];
      for (int warp = 1; warp < warps; warp++) {
        combined = combine(combined, scratch[v * 32 + warp]);
      }
      values[v] = combined;
    }
  }

  template <int kValues>
  DEV void sum(float (&values)[kValues]) const {
    reduce(values, [](float a, float b) { return a + b; });
  }
  DEV float sum(float value) const {
    float values[1] = {value};
    sum(values);
    return values[0];
  }
  DEV float max(float value) const {
    float values[1] = {value};
    reduce(values, [](float a, float b) { return fmaxf(a, b); });
    return values[0];
  }

 private:
  template <int kValues, typename Combine>
  static DEV void reduce_lanes(float (&values)[kValues], Combine combine, int lanes) {
    for (int bits = lanes / 2; bits > 0; bits /= 2) {
#pragma unroll
      for (int v = 0; v < kValues; v++) {
        values[v] = combine(values[v], __shfl_xor_sync(kFullWarp, values[v], bits));
      }
    }
  }
};

// Up to eight consecutive columns of a row.
struct Chunk {
  int segment;  // first column of the segment that the chunk lies in
  int first;    // first column of the chunk, counted from there
  int columns;  // columns of the segment

  DEV int size() const { return min(8, columns - first); }
  // The chunk of a row in memory; columns that do not exist become zero.
  template <typename T>
  DEV void load(const T *row, float (&values)[8]) const {
    load_eight(row + segment, first, columns, values);
  }
  template <typename T>
  DEV void store(T *row, const float (&values)[8]) const {
    store_eight(row + segment, first, columns, values);
  }
};

// A row of segments, each of which begins with a chunk of its own: the heads of a token, so that no
// pair of channels is torn; most rows are one segment. The first kKeptChunks chunks of a thread
// stay in registers, any further ones are read again in every pass. The result may replace the
// row: a thread reads no column that another one writes.
template <typename T>
class Row {
 public:
  DEV Row(const T *x, const Team &team, bool exists, int segments, int segment_columns)
      : x_(x),
        thread_(team.thread),
        threads_(team.threads),
        segment_columns_(segment_columns),
        segment_chunks_((segment_columns + 7) / 8),
        chunks_(exists ? segments * segment_chunks_ : 0) {
#pragma unroll
    for (int i = 0; i < kKeptChunks; i++) {
      if (number(i) < chunks_) chunk(i).load(x_, kept_[i]);
    }
  }

  // Calls visit(chunk, values) for every chunk of this thread.
  template <typename Visit>
  DEV void for_each(Visit visit) const {
#pragma unroll
    for (int i = 0; i < kKeptChunks; i++) {
      if (number(i) < chunks_) visit(chunk(i), kept_[i]);
    }
    for (int i = kKeptChunks; number(i) < chunks_; i++) {
      float values[8];
      chunk(i).load(x_, values);
      visit(chunk(i), values);
    }
  }

 private:
  const T *x_;
  int thread_;
  int threads_;
  int segment_columns_;
  int segment_chunks_;
  int chunks_;
  float kept_[kKeptChunks][8];

  // Number in the row of the i-th chunk of this thread.
  DEV int number(int i) const { return thread_ + i * threads_; }
  DEV Chunk chunk(int i) const {
    const int segment = number(i) / segment_chunks_;
    return {segment * segment_columns_, (number(i) - segment * segment_chunks_) * 8,
            segment_columns_};
  }
};

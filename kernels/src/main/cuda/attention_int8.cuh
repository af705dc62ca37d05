// Scales of the scores of int8 queries and keys: see the contract AttentionInt8.
#pragma once
#include "cameras.cuh"
#include "online_softmax.cuh"

// Keys of a head that share a scale.
constexpr int kScaledKeys = 128;

// A scale that no weight can be told from zero by: where it would be zero, so are all products.
constexpr float kLeastScale = 1.17549435e-38f;

struct Int8Scales {
  const float *of_queries;  // [queries, heads]
  const float *of_blocks;   // [blocks of keys, heads]
  int heads;
  float scale_log2;

  // For the two rows of a thread, among 16 of a warp, and all keys of a head.
  struct OfRows {
    float rows[2];
    const float *of_blocks;
    int heads;

    DEV RowScales of_keys(int first_key) const {
      const float of_block = of_blocks[first_key / kScaledKeys * heads];
      RowScales scales;
#pragma unroll
      for (int r = 0; r < 2; r++) {
        const float scale = rows[r] * of_block;
        scales.rows[r] = scale == 0 ? kLeastScale : scale;
      }
      return scales;
    }
  };

  DEV OfRows of_rows(int head, int first_query, int queries) const {
    OfRows scales = {{}, of_blocks + head, heads};
    const int first = first_query + threadIdx.x % 32 / 4;
#pragma unroll
    for (int r = 0; r < 2; r++) {
      const int query = first + 8 * r;
      scales.rows[r] = query < queries ? of_queries[query * heads + head] * scale_log2 : 1.0f;
    }
    return scales;
  }
};

// What kernels for cameras have behind their other parameters, and what they do to averages.
#define CAMERA_PARAMETERS , const float *image_from_world, int queries_per_frame
#define TO_IMAGES (ToImages{image_from_world, queries_per_frame})

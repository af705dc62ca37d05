// Rows of a table by their numbers; see the contract GatherRows. Eight consecutive elements of the
// result a thread, which may reach into the next row; bound by bytes.
#include "eights.cuh"

// The element of a table's row; NaN where there is no such row.
template <typename T>
DEV float element(const T *table, int rows, int columns, int id, int column) {
  return id >= 0 && id < rows ? to_float(table[int64_t(id) * columns + column]) : NAN;
}

template <typename T, typename Out>
DEV void gather_rows(const T *table, const int *ids, Out *out, int rows, int columns, int add,
                     int64_t count) {
  wait_for_previous_kernel();
  admit_next_kernel();
  const int64_t first = first_of_eight();
  if (first >= count) return;
  int64_t row = first / columns;
  int column = int(first - row * columns);
  int id = ids[row];
  float values[8];
  if (column + 8 <= columns && id >= 0 && id < rows) {
    load_eight(table + int64_t(id) * columns + column, 0, 8, values);
  } else {
#pragma unroll
    for (int i = 0; i < 8; i++) {
      if (first + i >= count) break;
      if (column == columns) {
        column = 0;
        id = ids[++row];
      }
      values[i] = element(table, rows, columns, id, column++);
    }
  }
  if (add != 0) {
    float sums[8];
    load_eight(out, first, count, sums);
#pragma unroll
    for (int i = 0; i < 8; i++) values[i] += sums[i];
  }
  store_eight(out, first, count, values);
}

#define GATHER_ROWS(T, from, Out, to)                                                        \
  extern "C" __global__ void __launch_bounds__(kEightsThreads) gather_rows_##from##_##to(    \
      const T *table, const int *ids, Out *out, int rows, int columns, int add,              \
      int64_t count) {                                                                       \
    gather_rows(table, ids, out, rows, columns, add, count);                                 \
  }                                                                                          \
  KERNEL_EXPORT(gather_rows_##from##_##to)

#define GATHER_ROWS_FROM(T, from)     \
  GATHER_ROWS(T, from, float, f32)    \
  GATHER_ROWS(T, from, half, f16)     \
  GATHER_ROWS(T, from, bf16, bf16)

GATHER_ROWS_FROM(float, f32)
GATHER_ROWS_FROM(half, f16)
GATHER_ROWS_FROM(bf16, bf16)

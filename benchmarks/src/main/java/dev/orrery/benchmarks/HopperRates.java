package dev.orrery.benchmarks;

/**
 * What an H200 can do, as {@link CudaCost} assumes it. Only the two rates of {@link Roofline#H200}
 * were measured; cycles are those of a multiprocessor.
 */
final class HopperRates {
  static final int MULTIPROCESSORS = 132;

  /** Hertz while tensor cores wait for memory now and then; at full use they draw it to 1.46e9. */
  static final double CLOCK = 1.70e9;

  /** Operations of 16-bit products in a cycle; of 8 bits there are twice as many. */
  static final double TENSOR_OPERATIONS = 4096;

  /**
   * What tensor cores sustain of that where nothing else holds them up: the rate that was measured,
   * in cycles of {@link #CLOCK}.
   */
  static final double SUSTAINED_SHARE =
      Roofline.H200.operationsPerSecond() / (MULTIPROCESSORS * CLOCK * TENSOR_OPERATIONS);

  /** What mma.sync reaches of that on Hopper, arXiv 2402.13499: 62 to 65 %. */
  static final double MMA_SYNC_SHARE = 0.625;

  /** Operations of fp32 in a cycle without tensor cores: 128 lanes multiply and add. */
  static final double LANE_OPERATIONS = 256;

  /** Share of these that products without tensor cores reach, beside their loads. */
  static final double LANE_SHARE = 0.5;

  static final double SHARED_BYTES = 128;

  /**
   * Bytes from L2 to one of all multiprocessors in a cycle. Published products with tiles of 128 x
   * 256 and no multicast end near 700 TFLOP/s, which is 35 to 40.
   */
  static final double L2_BYTES = 39;

  /**
   * Bytes that a multiprocessor can take in from L2 in a cycle, whoever asked for them: assumed to
   * be half of what its shared memory can.
   */
  static final double RECEIVED_BYTES = 64;

  /** Cycles to a multiprocessor of the same cluster, arXiv 2402.13499. */
  static final double NEIGHBOUR_LATENCY = 180;

  /** Bytes that stay in L2 from one column of tiles to the next. */
  static final double L2_CAPACITY = 50e6;

  static final double EXPONENTIALS = 16;

  /**
   * Part of the exponentials' time that products do not hide: fitted, so that a step is 643 TFLOP/s
   * at a head dim of 128 and 495 at 64, where the paper on FlashAttention-3 (arXiv 2407.08608) has
   * 648 and 497 on an H100, 16k tokens, not causal.
   */
  static final double UNHIDDEN_EXPONENTIALS = 0.86;

  /** Warps whose instructions can be issued in a cycle. */
  static final int SCHEDULERS = 4;

  /** Cycles from a load to its value where that is in memory, or late in L2. */
  static final double LATENCY = 700;

  static final int REGISTERS = 65_536;

  static final int SHARED_CAPACITY = 227 << 10;

  /** Shared memory that a block takes for itself. */
  static final int SHARED_OF_BLOCK = 1 << 10;

  static final double BYTES_PER_SECOND = Roofline.H200.bytesPerSecond();

  /** Seconds between a node of a graph and the next. */
  static final double GAP = 1e-6;

  /** Seconds until the blocks of a kernel are there and have their barriers and tensor maps. */
  static final double SETUP = 0.5e-6;

  /** What passes while the kernel before it runs, where a kernel is started by then. */
  static final double OVERLAP = GAP + SETUP;

  /**
   * Seconds for the first loads and the last stores of a kernel. Those that are not behind a
   * kernel, but the first of a batch or behind a copy, take {@link #OVERLAP} more.
   */
  static final double START = 1.5e-6;

  private HopperRates() {}

  /**
   * Blocks that a multiprocessor holds at a time.
   *
   * @param registers of a thread
   * @param threads of a block
   * @param sharedBytes of a block
   */
  static int residentBlocks(int registers, int threads, int sharedBytes) {
    int ofRegisters = REGISTERS / (Math.ceilDiv(registers, 8) * 8 * threads);
    int ofShared = SHARED_CAPACITY / (sharedBytes + SHARED_OF_BLOCK);
    return Math.max(1, Math.min(ofRegisters, ofShared));
  }
}

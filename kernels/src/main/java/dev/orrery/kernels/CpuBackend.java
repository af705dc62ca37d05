package dev.orrery.kernels;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.AttentionCpu;
import dev.orrery.kernels.attention.AttentionSimd;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.attention.TemporalAttentionCpu;
import dev.orrery.kernels.attention.TemporalAttentionSimd;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.HostArena;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.KernelSet;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.CausalConv3dCpu;
import dev.orrery.kernels.conv.CausalConv3dSimd;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.conv.Conv2dCpu;
import dev.orrery.kernels.conv.Conv2dSimd;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.FramesToBytesCpu;
import dev.orrery.kernels.image.FramesToBytesSimd;
import dev.orrery.kernels.image.ResizeBicubic;
import dev.orrery.kernels.image.ResizeBicubicCpu;
import dev.orrery.kernels.image.ResizeBilinear;
import dev.orrery.kernels.image.ResizeBilinearCpu;
import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.layout.AppendColumnsCpu;
import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.layout.NearestUpsampleCpu;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.layout.PatchifyCpu;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.layout.TimeUnshuffleCpu;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.layout.UnpatchifyCpu;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulCpu;
import dev.orrery.kernels.linear.MatmulSimd;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * The CPU as a device. Two backends share it: {@link #simd}, the fast one, and {@link #reference}, whose plain loops with
 * double accumulation define every operation.
 */
public final class CpuBackend implements Backend {
  private final String name;
  private final CpuThreads threads;
  private final KernelSet kernels;

  private CpuBackend(String name, CpuThreads threads, KernelSet kernels) {
    this.name = name;
    this.threads = threads;
    this.kernels = kernels;
  }

  /**
   * The scalar reference implementation: slow, and right by definition.
   *
   * @param threads threads that compute; results do not depend on it
   */
  public static CpuBackend reference(int threads) {
    CpuThreads workers = new CpuThreads(threads);
    KernelSet kernels =
        new KernelSet("reference")
            .with(Attention.class, new AttentionCpu(workers))
            .with(Matmul.class, new MatmulCpu(workers))
            .with(TemporalAttention.class, new TemporalAttentionCpu(workers))
            .with(AppendColumns.class, new AppendColumnsCpu(workers))
            .with(NearestUpsample.class, new NearestUpsampleCpu(workers))
            .with(Patchify.class, new PatchifyCpu(workers))
            .with(TimeUnshuffle.class, new TimeUnshuffleCpu(workers))
            .with(Unpatchify.class, new UnpatchifyCpu(workers))
            .with(FramesToBytes.class, new FramesToBytesCpu(workers))
            .with(ResizeBicubic.class, new ResizeBicubicCpu(workers))
            .with(ResizeBilinear.class, new ResizeBilinearCpu(workers))
            .with(CausalConv3d.class, new CausalConv3dCpu(workers))
            .with(Conv2d.class, new Conv2dCpu(workers));
    return new CpuBackend("reference", workers, kernels);
  }

  /**
   * The fast implementation on the Vector API.
   *
   * @param threads threads that compute; results do not depend on it
   */
  public static CpuBackend simd(int threads) {
    CpuThreads workers = new CpuThreads(threads);
    KernelSet kernels =
        new KernelSet("cpu")
            .with(Attention.class, new AttentionSimd(workers))
            .with(Matmul.class, new MatmulSimd(workers))
            .with(TemporalAttention.class, new TemporalAttentionSimd(workers))
            .with(AppendColumns.class, new AppendColumnsCpu(workers))
            .with(NearestUpsample.class, new NearestUpsampleCpu(workers))
            .with(Patchify.class, new PatchifyCpu(workers))
            .with(TimeUnshuffle.class, new TimeUnshuffleCpu(workers))
            .with(Unpatchify.class, new UnpatchifyCpu(workers))
            .with(FramesToBytes.class, new FramesToBytesSimd(workers))
            .with(ResizeBicubic.class, new ResizeBicubicCpu(workers))
            .with(ResizeBilinear.class, new ResizeBilinearCpu(workers))
            .with(CausalConv3d.class, new CausalConv3dSimd(workers))
            .with(Conv2d.class, new Conv2dSimd(workers));
    return new CpuBackend("cpu", workers, kernels);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public TensorArena newArena() {
    return new HostArena();
  }

  @Override
  public Tensor upload(Tensor host, TensorArena arena) {
    return host;
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    Check.that(
        from.dtype() == to.dtype() && from.elements() == to.elements(),
        "to: expected " + from.dtype() + " and " + from.elements() + " elements, found " + to);
    MemorySegment.copy(from.segment(), 0, to.segment(), 0, from.byteSize());
  }

  @Override
  public <K extends Kernel> K kernel(Class<K> contract) {
    return kernels.get(contract);
  }

  /** Does nothing: kernels of the CPU have finished when they return. */
  @Override
  public void synchronize() {}

  @Override
  public void close() {
    threads.close();
  }
}

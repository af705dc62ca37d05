package dev.orrery.kernels;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.AttentionCpu;
import dev.orrery.kernels.attention.AttentionInt8;
import dev.orrery.kernels.attention.AttentionInt8Cpu;
import dev.orrery.kernels.attention.AttentionInt8Simd;
import dev.orrery.kernels.attention.AttentionSimd;
import dev.orrery.kernels.attention.BiasedAttention;
import dev.orrery.kernels.attention.BiasedAttentionCpu;
import dev.orrery.kernels.attention.BiasedAttentionSimd;
import dev.orrery.kernels.attention.PropeAttention;
import dev.orrery.kernels.attention.PropeAttentionCpu;
import dev.orrery.kernels.attention.PropeAttentionSimd;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.attention.TemporalAttentionCpu;
import dev.orrery.kernels.attention.TemporalAttentionSimd;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.ComputeTypes;
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
import dev.orrery.kernels.conv.ConvWeightOrder;
import dev.orrery.kernels.conv.ConvWeightOrderCpu;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.AddCpu;
import dev.orrery.kernels.elementwise.AddSimd;
import dev.orrery.kernels.elementwise.ChannelAffine;
import dev.orrery.kernels.elementwise.ChannelAffineCpu;
import dev.orrery.kernels.elementwise.ChannelAffineSimd;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.elementwise.ConvertCpu;
import dev.orrery.kernels.elementwise.GatedResidual;
import dev.orrery.kernels.elementwise.GatedResidualCpu;
import dev.orrery.kernels.elementwise.GatedResidualSimd;
import dev.orrery.kernels.elementwise.Modulation;
import dev.orrery.kernels.elementwise.ModulationCpu;
import dev.orrery.kernels.elementwise.ModulationSimd;
import dev.orrery.kernels.elementwise.Multiply;
import dev.orrery.kernels.elementwise.MultiplyCpu;
import dev.orrery.kernels.elementwise.MultiplySimd;
import dev.orrery.kernels.elementwise.Relu;
import dev.orrery.kernels.elementwise.ReluCpu;
import dev.orrery.kernels.elementwise.ReluSimd;
import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.elementwise.SiluCpu;
import dev.orrery.kernels.elementwise.SiluSimd;
import dev.orrery.kernels.elementwise.SoftClamp;
import dev.orrery.kernels.elementwise.SoftClampCpu;
import dev.orrery.kernels.elementwise.Softmax;
import dev.orrery.kernels.elementwise.SoftmaxCpu;
import dev.orrery.kernels.elementwise.SoftmaxSimd;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.FramesToBytesCpu;
import dev.orrery.kernels.image.FramesToBytesSimd;
import dev.orrery.kernels.image.ResizeAntialiased;
import dev.orrery.kernels.image.ResizeAntialiasedCpu;
import dev.orrery.kernels.image.ResizeBicubic;
import dev.orrery.kernels.image.ResizeBicubicCpu;
import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.layout.AppendColumnsCpu;
import dev.orrery.kernels.layout.DownsampleShortcut;
import dev.orrery.kernels.layout.DownsampleShortcutCpu;
import dev.orrery.kernels.layout.GatherRows;
import dev.orrery.kernels.layout.GatherRowsCpu;
import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.layout.NearestUpsampleCpu;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.layout.PatchifyCpu;
import dev.orrery.kernels.layout.PatchifySimd;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.layout.TimeUnshuffleCpu;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.layout.UnpatchifyCpu;
import dev.orrery.kernels.layout.UpsampleShortcut;
import dev.orrery.kernels.layout.UpsampleShortcutCpu;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulCpu;
import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.linear.MatmulResidualCpu;
import dev.orrery.kernels.linear.MatmulResidualSimd;
import dev.orrery.kernels.linear.MatmulSimd;
import dev.orrery.kernels.linear.quantized.MatmulFp8;
import dev.orrery.kernels.linear.quantized.MatmulFp8Cpu;
import dev.orrery.kernels.linear.quantized.MatmulFp8Simd;
import dev.orrery.kernels.linear.quantized.MatmulInt4;
import dev.orrery.kernels.linear.quantized.MatmulInt4Cpu;
import dev.orrery.kernels.linear.quantized.MatmulInt4Simd;
import dev.orrery.kernels.linear.quantized.MatmulInt8;
import dev.orrery.kernels.linear.quantized.MatmulInt8Cpu;
import dev.orrery.kernels.linear.quantized.MatmulInt8Simd;
import dev.orrery.kernels.linear.quantized.QuantizeRows;
import dev.orrery.kernels.linear.quantized.QuantizeRowsCpu;
import dev.orrery.kernels.linear.quantized.QuantizeRowsSimd;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.norm.ChannelRmsNormCpu;
import dev.orrery.kernels.norm.ChannelRmsNormSimd;
import dev.orrery.kernels.norm.GroupNorm;
import dev.orrery.kernels.norm.GroupNormCpu;
import dev.orrery.kernels.norm.GroupNormSimd;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.norm.LayerNormCpu;
import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.norm.LayerNormModulateCpu;
import dev.orrery.kernels.norm.LayerNormModulateSimd;
import dev.orrery.kernels.norm.LayerNormSimd;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.norm.RmsNormCpu;
import dev.orrery.kernels.norm.RmsNormSimd;
import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.position.RmsNormRopeCpu;
import dev.orrery.kernels.position.RmsNormRopeSimd;
import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.position.RopeCpu;
import dev.orrery.kernels.position.RopeSimd;
import dev.orrery.kernels.position.TimestepEmbedding;
import dev.orrery.kernels.position.TimestepEmbeddingCpu;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.sampling.LinearCombinationCpu;
import dev.orrery.kernels.sampling.LinearCombinationSimd;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * The CPU as a device. Two backends share it: {@link #simd}, the fast one, and {@link #reference},
 * whose plain loops with double accumulation define every operation.
 */
public final class CpuBackend implements Backend {
  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  private final String name;
  private final String machine;
  private final CpuThreads threads;
  private final KernelSet kernels;

  private CpuBackend(String name, String machine, CpuThreads threads, KernelSet kernels) {
    this.name = name;
    this.machine = machine;
    this.threads = threads;
    this.kernels = kernels;
  }

  /** The operations that have one implementation for both backends. */
  private static KernelSet shared(String backend, CpuThreads workers) {
    return new KernelSet(backend)
        .with(ConvWeightOrder.class, new ConvWeightOrderCpu(workers))
        .with(Convert.class, new ConvertCpu())
        .with(AppendColumns.class, new AppendColumnsCpu(workers))
        .with(DownsampleShortcut.class, new DownsampleShortcutCpu(workers))
        .with(GatherRows.class, new GatherRowsCpu(workers))
        .with(NearestUpsample.class, new NearestUpsampleCpu(workers))
        .with(TimeUnshuffle.class, new TimeUnshuffleCpu(workers))
        .with(Unpatchify.class, new UnpatchifyCpu(workers))
        .with(UpsampleShortcut.class, new UpsampleShortcutCpu(workers))
        .with(ResizeBicubic.class, new ResizeBicubicCpu(workers))
        .with(ResizeAntialiased.class, new ResizeAntialiasedCpu(workers))
        .with(TimestepEmbedding.class, new TimestepEmbeddingCpu())
        .with(SoftClamp.class, new SoftClampCpu());
  }

  /**
   * The scalar reference implementation: slow, and right by definition.
   *
   * @param threads threads that compute; results do not depend on it
   */
  public static CpuBackend reference(int threads) {
    CpuThreads workers = new CpuThreads(threads);
    KernelSet kernels =
        shared("reference", workers)
            .with(Matmul.class, new MatmulCpu(workers))
            .with(MatmulResidual.class, new MatmulResidualCpu(workers))
            .with(MatmulFp8.class, new MatmulFp8Cpu(workers))
            .with(MatmulInt4.class, new MatmulInt4Cpu(workers))
            .with(MatmulInt8.class, new MatmulInt8Cpu(workers))
            .with(QuantizeRows.class, new QuantizeRowsCpu(workers))
            .with(Attention.class, new AttentionCpu(workers))
            .with(AttentionInt8.class, new AttentionInt8Cpu(workers))
            .with(PropeAttention.class, new PropeAttentionCpu(workers))
            .with(BiasedAttention.class, new BiasedAttentionCpu(workers))
            .with(TemporalAttention.class, new TemporalAttentionCpu(workers))
            .with(FramesToBytes.class, new FramesToBytesCpu(workers))
            .with(Patchify.class, new PatchifyCpu(workers))
            .with(RmsNorm.class, new RmsNormCpu(workers))
            .with(GroupNorm.class, new GroupNormCpu(workers))
            .with(LayerNorm.class, new LayerNormCpu(workers))
            .with(LayerNormModulate.class, new LayerNormModulateCpu(workers))
            .with(Add.class, new AddCpu())
            .with(Multiply.class, new MultiplyCpu())
            .with(Softmax.class, new SoftmaxCpu(workers))
            .with(GatedResidual.class, new GatedResidualCpu(workers))
            .with(Modulation.class, new ModulationCpu())
            .with(ChannelAffine.class, new ChannelAffineCpu(workers))
            .with(RmsNormRope.class, new RmsNormRopeCpu(workers))
            .with(Rope.class, new RopeCpu(workers))
            .with(LinearCombination.class, new LinearCombinationCpu())
            .with(Relu.class, new ReluCpu())
            .with(Silu.class, new SiluCpu())
            .with(ChannelRmsNorm.class, new ChannelRmsNormCpu(workers))
            .with(CausalConv3d.class, new CausalConv3dCpu(workers))
            .with(Conv2d.class, new Conv2dCpu(workers));
    return new CpuBackend("reference", "scalar loops", workers, kernels);
  }

  /**
   * The fast implementation on the Vector API.
   *
   * @param threads threads that compute; results do not depend on it
   * @throws IllegalStateException if Java was started without the module of the Vector API
   */
  public static CpuBackend simd(int threads) {
    if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
      throw new IllegalStateException(
          "the CPU backend computes with the Vector API: start Java with --add-modules "
              + VECTOR_MODULE);
    }
    CpuThreads workers = new CpuThreads(threads);
    KernelSet kernels =
        shared("cpu", workers)
            .with(Matmul.class, new MatmulSimd(workers))
            .with(MatmulResidual.class, new MatmulResidualSimd(workers))
            .with(MatmulFp8.class, new MatmulFp8Simd(workers))
            .with(MatmulInt4.class, new MatmulInt4Simd(workers))
            .with(MatmulInt8.class, new MatmulInt8Simd(workers))
            .with(QuantizeRows.class, new QuantizeRowsSimd(workers))
            .with(Attention.class, new AttentionSimd(workers))
            .with(AttentionInt8.class, new AttentionInt8Simd(workers))
            .with(PropeAttention.class, new PropeAttentionSimd(workers))
            .with(BiasedAttention.class, new BiasedAttentionSimd(workers))
            .with(TemporalAttention.class, new TemporalAttentionSimd(workers))
            .with(FramesToBytes.class, new FramesToBytesSimd(workers))
            .with(Patchify.class, new PatchifySimd(workers))
            .with(RmsNorm.class, new RmsNormSimd(workers))
            .with(GroupNorm.class, new GroupNormSimd(workers))
            .with(LayerNorm.class, new LayerNormSimd(workers))
            .with(LayerNormModulate.class, new LayerNormModulateSimd(workers))
            .with(Add.class, new AddSimd(workers))
            .with(Multiply.class, new MultiplySimd(workers))
            .with(Softmax.class, new SoftmaxSimd(workers))
            .with(GatedResidual.class, new GatedResidualSimd(workers))
            .with(Modulation.class, new ModulationSimd(workers))
            .with(ChannelAffine.class, new ChannelAffineSimd(workers))
            .with(RmsNormRope.class, new RmsNormRopeSimd(workers))
            .with(Rope.class, new RopeSimd(workers))
            .with(LinearCombination.class, new LinearCombinationSimd(workers))
            .with(Relu.class, new ReluSimd(workers))
            .with(Silu.class, new SiluSimd(workers))
            .with(ChannelRmsNorm.class, new ChannelRmsNormSimd(workers))
            .with(CausalConv3d.class, new CausalConv3dSimd(workers))
            .with(Conv2d.class, new Conv2dSimd(workers));
    String machine = "vectors of " + SimdTile.SPECIES.vectorBitSize() + " bits";
    return new CpuBackend("cpu", machine, workers, kernels);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String machine() {
    return machine;
  }

  @Override
  public boolean usesHostMemory() {
    return true;
  }

  @Override
  public TensorArena newArena() {
    return new HostArena();
  }

  @Override
  public ComputeTypes computeTypes() {
    return ComputeTypes.FP32;
  }

  @Override
  public Tensor upload(Tensor host, DType activations, TensorArena arena) {
    return host;
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    Check.copy(from, to);
    MemorySegment.copy(from.segment(), 0, to.segment(), 0, from.byteSize());
  }

  @Override
  public <K extends Kernel> K kernel(Class<K> contract) {
    return kernels.get(contract);
  }

  @Override
  public void batch(Runnable calls) {
    calls.run();
  }

  /** Does nothing: kernels of the CPU have finished when they return. */
  @Override
  public void synchronize() {}

  @Override
  public void close() {
    threads.close();
  }
}

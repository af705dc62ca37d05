package dev.orrery.kernels;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.AttentionCuda;
import dev.orrery.kernels.attention.AttentionInt8;
import dev.orrery.kernels.attention.AttentionInt8Cuda;
import dev.orrery.kernels.attention.BiasedAttention;
import dev.orrery.kernels.attention.BiasedAttentionCuda;
import dev.orrery.kernels.attention.PropeAttention;
import dev.orrery.kernels.attention.PropeAttentionCuda;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.attention.TemporalAttentionCuda;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.ComputeTypes;
import dev.orrery.kernels.backend.DeviceWeights;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.KernelSet;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.CausalConv3dCuda;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.conv.Conv2dCuda;
import dev.orrery.kernels.conv.ConvWeightOrder;
import dev.orrery.kernels.conv.ConvWeightOrderCuda;
import dev.orrery.kernels.cuda.Cublas;
import dev.orrery.kernels.cuda.CudaArena;
import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.DeviceMemory;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.AddCuda;
import dev.orrery.kernels.elementwise.ChannelAffine;
import dev.orrery.kernels.elementwise.ChannelAffineCuda;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.elementwise.ConvertCuda;
import dev.orrery.kernels.elementwise.GatedResidual;
import dev.orrery.kernels.elementwise.GatedResidualCuda;
import dev.orrery.kernels.elementwise.Modulation;
import dev.orrery.kernels.elementwise.ModulationCuda;
import dev.orrery.kernels.elementwise.Multiply;
import dev.orrery.kernels.elementwise.MultiplyCuda;
import dev.orrery.kernels.elementwise.Relu;
import dev.orrery.kernels.elementwise.ReluCuda;
import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.elementwise.SiluCuda;
import dev.orrery.kernels.elementwise.SoftClamp;
import dev.orrery.kernels.elementwise.SoftClampCuda;
import dev.orrery.kernels.elementwise.Softmax;
import dev.orrery.kernels.elementwise.SoftmaxCuda;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.FramesToBytesCuda;
import dev.orrery.kernels.image.ResizeAntialiased;
import dev.orrery.kernels.image.ResizeAntialiasedCuda;
import dev.orrery.kernels.image.ResizeBicubic;
import dev.orrery.kernels.image.ResizeBicubicCuda;
import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.layout.AppendColumnsCuda;
import dev.orrery.kernels.layout.DownsampleShortcut;
import dev.orrery.kernels.layout.DownsampleShortcutCuda;
import dev.orrery.kernels.layout.GatherRows;
import dev.orrery.kernels.layout.GatherRowsCuda;
import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.layout.NearestUpsampleCuda;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.layout.PatchifyCuda;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.layout.TimeUnshuffleCuda;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.layout.UnpatchifyCuda;
import dev.orrery.kernels.layout.UpsampleShortcut;
import dev.orrery.kernels.layout.UpsampleShortcutCuda;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulCublas;
import dev.orrery.kernels.linear.MatmulCuda;
import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.linear.MatmulResidualCublas;
import dev.orrery.kernels.linear.MatmulResidualCuda;
import dev.orrery.kernels.linear.quantized.MatmulFp8;
import dev.orrery.kernels.linear.quantized.MatmulFp8Cuda;
import dev.orrery.kernels.linear.quantized.MatmulInt4;
import dev.orrery.kernels.linear.quantized.MatmulInt4Cuda;
import dev.orrery.kernels.linear.quantized.MatmulInt8;
import dev.orrery.kernels.linear.quantized.MatmulInt8Cuda;
import dev.orrery.kernels.linear.quantized.QuantizeRows;
import dev.orrery.kernels.linear.quantized.QuantizeRowsCuda;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.norm.ChannelRmsNormCuda;
import dev.orrery.kernels.norm.GroupNorm;
import dev.orrery.kernels.norm.GroupNormCuda;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.norm.LayerNormCuda;
import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.norm.LayerNormModulateCuda;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.norm.RmsNormCuda;
import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.position.RmsNormRopeCuda;
import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.position.RopeCuda;
import dev.orrery.kernels.position.TimestepEmbedding;
import dev.orrery.kernels.position.TimestepEmbeddingCuda;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.sampling.LinearCombinationCuda;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * An NVIDIA GPU. Every thread that calls has a stream of its own: its calls run in order, and
 * beside those of other threads. Transformers compute in bf16, image and video autoencoders in
 * fp16, sums are fp32.
 */
public final class CudaBackend implements Backend {
  private static final ComputeTypes COMPUTE_TYPES = new ComputeTypes(DType.BF16, DType.F16);

  private final CudaDevice device;
  private final MatmulProvider matmul;
  private final DeviceMemory memory;
  private final KernelSet kernels;

  /** Whose kernels multiply matrices. */
  public enum MatmulProvider {
    /** Orrery's. */
    ORRERY,
    /** NVIDIA's library, which has to be installed; for products of 16-bit types. */
    CUBLAS
  }

  private CudaBackend(CudaDevice device, MatmulProvider matmul) {
    this.device = device;
    this.matmul = matmul;
    memory = new DeviceMemory(device);
    KernelSet list = new KernelSet(device.name());
    switch (matmul) {
      case ORRERY ->
          list.making(Matmul.class, () -> new MatmulCuda(device))
              .making(MatmulResidual.class, () -> new MatmulResidualCuda(device));
      case CUBLAS -> {
        Cublas cublas = Cublas.open(device);
        list.making(Matmul.class, () -> new MatmulCublas(device, cublas))
            .making(MatmulResidual.class, () -> new MatmulResidualCublas(device, cublas));
      }
    }
    kernels =
        list.making(MatmulFp8.class, () -> new MatmulFp8Cuda(device))
            .making(MatmulInt4.class, () -> new MatmulInt4Cuda(device))
            .making(ConvWeightOrder.class, () -> new ConvWeightOrderCuda(device))
            .making(Convert.class, () -> new ConvertCuda(device))
            .making(Attention.class, () -> new AttentionCuda(device))
            .making(AttentionInt8.class, () -> new AttentionInt8Cuda(device))
            .making(PropeAttention.class, () -> new PropeAttentionCuda(device))
            .making(BiasedAttention.class, () -> new BiasedAttentionCuda(device))
            .making(TemporalAttention.class, () -> new TemporalAttentionCuda(device))
            .making(AppendColumns.class, () -> new AppendColumnsCuda(device))
            .making(DownsampleShortcut.class, () -> new DownsampleShortcutCuda(device))
            .making(GatherRows.class, () -> new GatherRowsCuda(device))
            .making(NearestUpsample.class, () -> new NearestUpsampleCuda(device))
            .making(Patchify.class, () -> new PatchifyCuda(device))
            .making(TimeUnshuffle.class, () -> new TimeUnshuffleCuda(device))
            .making(Unpatchify.class, () -> new UnpatchifyCuda(device))
            .making(UpsampleShortcut.class, () -> new UpsampleShortcutCuda(device))
            .making(FramesToBytes.class, () -> new FramesToBytesCuda(device))
            .making(ResizeBicubic.class, () -> new ResizeBicubicCuda(device))
            .making(ResizeAntialiased.class, () -> new ResizeAntialiasedCuda(device))
            .making(MatmulInt8.class, () -> new MatmulInt8Cuda(device))
            .making(QuantizeRows.class, () -> new QuantizeRowsCuda(device))
            .making(RmsNorm.class, () -> new RmsNormCuda(device))
            .making(GroupNorm.class, () -> new GroupNormCuda(device))
            .making(LayerNorm.class, () -> new LayerNormCuda(device))
            .making(LayerNormModulate.class, () -> new LayerNormModulateCuda(device))
            .making(Add.class, () -> new AddCuda(device))
            .making(Softmax.class, () -> new SoftmaxCuda(device))
            .making(Multiply.class, () -> new MultiplyCuda(device))
            .making(GatedResidual.class, () -> new GatedResidualCuda(device))
            .making(Modulation.class, () -> new ModulationCuda(device))
            .making(ChannelAffine.class, () -> new ChannelAffineCuda(device))
            .making(RmsNormRope.class, () -> new RmsNormRopeCuda(device))
            .making(Rope.class, () -> new RopeCuda(device))
            .making(TimestepEmbedding.class, () -> new TimestepEmbeddingCuda(device))
            .making(LinearCombination.class, () -> new LinearCombinationCuda(device))
            .making(Relu.class, () -> new ReluCuda(device))
            .making(Silu.class, () -> new SiluCuda(device))
            .making(SoftClamp.class, () -> new SoftClampCuda(device))
            .making(ChannelRmsNorm.class, () -> new ChannelRmsNormCuda(device))
            .making(CausalConv3d.class, () -> new CausalConv3dCuda(device))
            .making(Conv2d.class, () -> new Conv2dCuda(device));
  }

  /**
   * Opens a GPU.
   *
   * @param ordinal its number, 0 being the first
   * @throws dev.orrery.kernels.cuda.CudaUnavailableException saying in one line why it cannot be
   *     used
   */
  public static CudaBackend open(int ordinal) {
    return open(ordinal, MatmulProvider.ORRERY);
  }

  /**
   * Opens a GPU.
   *
   * @throws dev.orrery.kernels.cuda.CudaUnavailableException saying in one line why it cannot be
   *     used, or that the provider's library is missing
   */
  public static CudaBackend open(int ordinal, MatmulProvider matmul) {
    return on(CudaDevice.open(ordinal), matmul);
  }

  /** A plan for any GPU, which needs none. */
  public static PlanningBackend planned() {
    return new PlanningBackend(false, COMPUTE_TYPES);
  }

  /** The same, telling of every launch. */
  public static PlanningBackend planned(PlanningBackend.Listener listener) {
    return new PlanningBackend(false, COMPUTE_TYPES, listener);
  }

  /** A GPU that is open already; closing the backend closes it. */
  public static CudaBackend on(CudaDevice device) {
    return on(device, MatmulProvider.ORRERY);
  }

  /** The same with a provider of matrix products. */
  public static CudaBackend on(CudaDevice device, MatmulProvider matmul) {
    try {
      return new CudaBackend(device, matmul);
    } catch (RuntimeException | Error e) {
      device.close();
      throw e;
    }
  }

  /** The GPU. */
  public CudaDevice device() {
    return device;
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public String machine() {
    return device.model() + (matmul == MatmulProvider.CUBLAS ? ", matrices by cuBLAS" : "");
  }

  @Override
  public boolean usesHostMemory() {
    return false;
  }

  @Override
  public TensorArena newArena() {
    return new CudaArena(device);
  }

  @Override
  public ComputeTypes computeTypes() {
    return COMPUTE_TYPES;
  }

  @Override
  public Tensor upload(Tensor host, DType activations, TensorArena arena) {
    Tensor copy = arena.empty(DeviceWeights.dtype(host, activations), host.shape().extents());
    memory.upload(host, copy);
    return copy;
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    Check.copy(from, to);
    memory.copy(from, to);
  }

  @Override
  public <K extends Kernel> K kernel(Class<K> contract) {
    return kernels.get(contract);
  }

  @Override
  public void batch(Runnable calls) {
    device.stream().batch(calls);
  }

  @Override
  public void synchronize() {
    device.stream().synchronize();
  }

  @Override
  public void close() {
    device.close();
  }
}

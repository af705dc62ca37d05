package dev.orrery.kernels;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.AttentionTornado;
import dev.orrery.kernels.attention.BiasedAttention;
import dev.orrery.kernels.attention.BiasedAttentionTornado;
import dev.orrery.kernels.attention.PropeAttention;
import dev.orrery.kernels.attention.PropeAttentionTornado;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.attention.TemporalAttentionTornado;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.ComputeTypes;
import dev.orrery.kernels.backend.DeviceWeights;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.KernelSet;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.CausalConv3dTornado;
import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.conv.Conv2dTornado;
import dev.orrery.kernels.conv.ConvWeightOrder;
import dev.orrery.kernels.conv.ConvWeightOrderTornado;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.AddTornado;
import dev.orrery.kernels.elementwise.ChannelAffine;
import dev.orrery.kernels.elementwise.ChannelAffineTornado;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.elementwise.ConvertTornado;
import dev.orrery.kernels.elementwise.Modulation;
import dev.orrery.kernels.elementwise.ModulationTornado;
import dev.orrery.kernels.elementwise.Multiply;
import dev.orrery.kernels.elementwise.MultiplyTornado;
import dev.orrery.kernels.elementwise.Relu;
import dev.orrery.kernels.elementwise.ReluTornado;
import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.elementwise.SiluTornado;
import dev.orrery.kernels.elementwise.SoftClamp;
import dev.orrery.kernels.elementwise.SoftClampTornado;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.FramesToBytesTornado;
import dev.orrery.kernels.image.ResizeAntialiased;
import dev.orrery.kernels.image.ResizeAntialiasedTornado;
import dev.orrery.kernels.image.ResizeBicubic;
import dev.orrery.kernels.image.ResizeBicubicTornado;
import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.layout.AppendColumnsTornado;
import dev.orrery.kernels.layout.DownsampleShortcut;
import dev.orrery.kernels.layout.DownsampleShortcutTornado;
import dev.orrery.kernels.layout.GatherRows;
import dev.orrery.kernels.layout.GatherRowsTornado;
import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.layout.NearestUpsampleTornado;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.layout.PatchifyTornado;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.layout.TimeUnshuffleTornado;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.layout.UnpatchifyTornado;
import dev.orrery.kernels.layout.UpsampleShortcut;
import dev.orrery.kernels.layout.UpsampleShortcutTornado;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.linear.MatmulResidualTornado;
import dev.orrery.kernels.linear.MatmulTornado;
import dev.orrery.kernels.linear.quantized.MatmulInt8;
import dev.orrery.kernels.linear.quantized.MatmulInt8Tornado;
import dev.orrery.kernels.linear.quantized.QuantizeRows;
import dev.orrery.kernels.linear.quantized.QuantizeRowsTornado;
import dev.orrery.kernels.norm.ChannelRmsNorm;
import dev.orrery.kernels.norm.ChannelRmsNormTornado;
import dev.orrery.kernels.norm.GroupNorm;
import dev.orrery.kernels.norm.GroupNormTornado;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.norm.LayerNormModulateTornado;
import dev.orrery.kernels.norm.LayerNormTornado;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.norm.RmsNormTornado;
import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.position.RmsNormRopeTornado;
import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.position.RopeTornado;
import dev.orrery.kernels.position.TimestepEmbedding;
import dev.orrery.kernels.position.TimestepEmbeddingTornado;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.sampling.LinearCombinationTornado;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoArena;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoDriver;
import dev.orrery.kernels.tornado.TornadoVm;

/**
 * Any device that TornadoVM has a driver for: GPUs of AMD, Intel, Apple and NVIDIA, and CPUs. Its
 * kernels are Java methods and compute in fp32.
 */
public final class TornadoBackend implements Backend {
  private final TornadoDevice device;
  private final KernelSet kernels;

  /** On a device that is open already; closing the backend closes it. */
  public TornadoBackend(TornadoDevice device) {
    this.device = device;
    kernels =
        new KernelSet(device.name())
            .with(Add.class, new AddTornado(device))
            .with(ChannelAffine.class, new ChannelAffineTornado(device))
            .with(Convert.class, new ConvertTornado(device))
            .with(Modulation.class, new ModulationTornado(device))
            .with(Multiply.class, new MultiplyTornado(device))
            .with(Relu.class, new ReluTornado(device))
            .with(Silu.class, new SiluTornado(device))
            .with(SoftClamp.class, new SoftClampTornado(device))
            .with(AppendColumns.class, new AppendColumnsTornado(device))
            .with(DownsampleShortcut.class, new DownsampleShortcutTornado(device))
            .with(GatherRows.class, new GatherRowsTornado(device))
            .with(NearestUpsample.class, new NearestUpsampleTornado(device))
            .with(Patchify.class, new PatchifyTornado(device))
            .with(TimeUnshuffle.class, new TimeUnshuffleTornado(device))
            .with(Unpatchify.class, new UnpatchifyTornado(device))
            .with(UpsampleShortcut.class, new UpsampleShortcutTornado(device))
            .with(FramesToBytes.class, new FramesToBytesTornado(device))
            .with(ResizeAntialiased.class, new ResizeAntialiasedTornado(device))
            .with(ResizeBicubic.class, new ResizeBicubicTornado(device))
            .with(ChannelRmsNorm.class, new ChannelRmsNormTornado(device))
            .with(GroupNorm.class, new GroupNormTornado(device))
            .with(LayerNormModulate.class, new LayerNormModulateTornado(device))
            .with(LayerNorm.class, new LayerNormTornado(device))
            .with(RmsNorm.class, new RmsNormTornado(device))
            .with(RmsNormRope.class, new RmsNormRopeTornado(device))
            .with(Rope.class, new RopeTornado(device))
            .with(TimestepEmbedding.class, new TimestepEmbeddingTornado(device))
            .with(MatmulResidual.class, new MatmulResidualTornado(device))
            .with(Matmul.class, new MatmulTornado(device))
            .with(MatmulInt8.class, new MatmulInt8Tornado(device))
            .with(QuantizeRows.class, new QuantizeRowsTornado(device))
            .with(Attention.class, new AttentionTornado(device))
            .with(BiasedAttention.class, new BiasedAttentionTornado(device))
            .with(PropeAttention.class, new PropeAttentionTornado(device))
            .with(TemporalAttention.class, new TemporalAttentionTornado(device))
            .with(CausalConv3d.class, new CausalConv3dTornado(device))
            .with(Conv2d.class, new Conv2dTornado(device))
            .with(ConvWeightOrder.class, new ConvWeightOrderTornado(device))
            .with(LinearCombination.class, new LinearCombinationTornado(device));
  }

  /**
   * Opens a device.
   *
   * @param ordinal its number, 0 being the first
   * @throws dev.orrery.kernels.tornado.TornadoUnavailableException saying in one line why it cannot
   *     be used
   */
  public static TornadoBackend open(int ordinal) {
    TornadoDriver driver = TornadoVm.open(ordinal);
    return new TornadoBackend(
        new TornadoDevice(driver, "tornado:" + ordinal, TornadoDevice.SLAB_BYTES));
  }

  /** The device. */
  public TornadoDevice device() {
    return device;
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public String machine() {
    return "TornadoVM on " + device.facts().name();
  }

  @Override
  public boolean usesHostMemory() {
    return false;
  }

  @Override
  public TensorArena newArena() {
    return new TornadoArena(device);
  }

  @Override
  public ComputeTypes computeTypes() {
    return ComputeTypes.FP32;
  }

  @Override
  public Tensor upload(Tensor host, DType activations, TensorArena arena) {
    Tensor copy = arena.empty(DeviceWeights.dtype(host, activations), host.shape().extents());
    device.memory().upload(host, copy);
    return copy;
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    Check.copy(from, to);
    device.memory().copy(from, to);
  }

  @Override
  public <K extends Kernel> K kernel(Class<K> contract) {
    return kernels.get(contract);
  }

  /** Runs the calls one after another: each is done when it returns. */
  @Override
  public void batch(Runnable calls) {
    calls.run();
  }

  /** Does nothing: every call is done when it returns. */
  @Override
  public void synchronize() {}

  @Override
  public void close() {
    device.close();
  }
}

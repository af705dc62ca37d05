package dev.orrery.kernels.layout;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/**
 * One value of the result at a time. Both CPU backends list it: it is a small part of a stage whose
 * convolutions take thousands of operations for each value.
 */
public final class UpsampleShortcutCpu extends CpuKernel implements UpsampleShortcut {
  public UpsampleShortcutCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, int frames, int side, PatchOrder order, Tensor out) {
    FloatView from = FloatView.of(x);
    FloatView to = FloatView.of(out);
    int rows = out.size(1);
    int columns = out.size(2);
    int inChannels = x.size(3);
    int channels = out.size(3);
    int box = frames * side * side;
    int repeats = channels * box / inChannels;
    boolean fastest = order == PatchOrder.CHANNEL_FASTEST;
    int dropped = x.size(0) * frames - out.size(0);
    threads.forEach(
        out.size(0) * rows,
        (line, scratch) -> {
          int frame = line / rows + dropped;
          int row = line % rows;
          long sourceRow = (long) (frame / frames) * x.size(1) + row / side;
          for (int column = 0; column < columns; column++) {
            int inBox = (frame % frames * side + row % side) * side + column % side;
            long source = (sourceRow * x.size(2) + column / side) * inChannels;
            long target = ((long) line * columns + column) * channels;
            for (int channel = 0; channel < channels; channel++) {
              int repeated = fastest ? inBox * channels + channel : channel * box + inBox;
              double value = from.get(source + repeated / repeats);
              to.set(target + channel, to.get(target + channel) + value);
            }
          }
        });
  }
}

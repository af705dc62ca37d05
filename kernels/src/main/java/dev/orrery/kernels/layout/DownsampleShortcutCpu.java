package dev.orrery.kernels.layout;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;

/**
 * One value of the result at a time. Both CPU backends list it: it is a small part of a stage whose
 * convolutions take thousands of operations for each value.
 */
public final class DownsampleShortcutCpu extends CpuKernel implements DownsampleShortcut {
  public DownsampleShortcutCpu(CpuThreads threads) {
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
    int group = inChannels * box / channels;
    boolean fastest = order == PatchOrder.CHANNEL_FASTEST;
    int zeroFrames = out.size(0) * frames - x.size(0);
    threads.forEach(
        out.size(0) * rows,
        (line, scratch) -> {
          int firstFrame = line / rows * frames - zeroFrames;
          int firstRow = line % rows * side;
          for (int column = 0; column < columns; column++) {
            long pixel = (long) line * columns + column;
            for (int channel = 0; channel < channels; channel++) {
              double sum = 0;
              for (int value = channel * group; value < (channel + 1) * group; value++) {
                int inBox = fastest ? value / inChannels : value % box;
                int inChannel = fastest ? value % inChannels : value / box;
                int frame = firstFrame + inBox / (side * side);
                if (frame >= 0) {
                  long row = (long) frame * x.size(1) + firstRow + inBox / side % side;
                  long source = row * x.size(2) + (long) column * side + inBox % side;
                  sum += from.get(source * inChannels + inChannel);
                }
              }
              long target = pixel * channels + channel;
              to.set(target, to.get(target) + sum / group);
            }
          }
        });
  }
}

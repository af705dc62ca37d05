package dev.orrery.benchmarks.peers;

import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.management.OperatingSystemMXBean;
import dev.orrery.benchmarks.Machine;
import dev.orrery.model.genie1x.GeniePeerBlock;
import dev.orrery.model.matrixgame2.MatrixGame2PeerBlock;
import dev.orrery.model.oasis.OasisPeerBlock;
import dev.orrery.model.vid2world.Vid2WorldPeerBlock;
import dev.orrery.model.worldplay.WorldPlayPeerBlock;
import dev.orrery.model.worldplayhy.WorldPlayHyPeerBlock;
import dev.orrery.runtime.checkpoint.JsonText;
import dev.orrery.runtime.files.PendingOutput;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Other libraries beside our kernels in one process: the same numbers, results compared before
 * anything is timed, then rounds in which every library has its turn, so that what else happens on
 * the machine meets all of them.
 */
public final class PeerReport {
  /**
   * How long is measured.
   *
   * @param rounds turns of each library
   * @param warmUpMilliseconds of each library before the first
   * @param milliseconds of a turn, at least one call
   */
  record Effort(int rounds, int warmUpMilliseconds, int milliseconds) {
    static final Effort FULL = new Effort(9, 2500, 200);
  }

  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /** Blocks of the released models. */
  private static final List<Block> BLOCKS =
      List.of(
          MatrixGame2PeerBlock.RELEASED,
          WorldPlayPeerBlock.RELEASED,
          WorldPlayHyPeerBlock.RELEASED,
          OasisPeerBlock.RELEASED,
          GeniePeerBlock.RELEASED,
          Vid2WorldPeerBlock.RELEASED);

  private final Effort effort;
  private final Consumer<String> progress;
  private final List<Peer> peers;

  /** A library's way to solve a problem, and what was measured of it. */
  private static final class Contender {
    final String library;
    final Call call;
    final double[] milliseconds;
    final double[] processorMilliseconds;
    double difference;

    Contender(String library, Call call, int rounds) {
      this.library = library;
      this.call = call;
      milliseconds = new double[rounds];
      processorMilliseconds = new double[rounds];
    }

    String name() {
      return call.way().isEmpty() ? library : library + ", " + call.way();
    }
  }

  PeerReport(Effort effort, Consumer<String> progress) throws Throwable {
    this.effort = effort;
    this.progress = progress;
    this.peers = List.of(new Orrery(), new OnnxRuntime(), new OpenBlas(), new Libtorch());
  }

  /**
   * Measures in the root of the checkout, with one thread and with as many as there are processors,
   * and writes {@code benchmarks/results/<machine>/peers.json}.
   *
   * @param args the commit of the sources, then operations to measure, such as {@code matmul}; all
   *     if there are none
   */
  public static void main(String[] args) throws Throwable {
    List<String> asked =
        Arrays.stream(args).skip(1).map(it -> it.toUpperCase(Locale.ROOT)).toList();
    requireTasks(asked);
    List<Task> tasks =
        tasks().stream().filter(it -> asked.isEmpty() || asked.contains(it.name())).toList();
    int processors = Runtime.getRuntime().availableProcessors();
    List<Integer> threads = processors == 1 ? List.of(1) : List.of(1, processors);
    Machine machine = Machine.here(processors);
    String json = new PeerReport(Effort.FULL, System.out::println).json(tasks, threads, args[0]);
    Path folder = Path.of("benchmarks/results", machine.folder());
    Files.createDirectories(folder);
    Path file = folder.resolve("peers.json");
    PendingOutput.write(file, to -> Files.writeString(to, json));
    System.out.println(file);
    // Libraries leave threads behind that would keep the process.
    System.exit(0);
  }

  /** What is measured: operations, then blocks. */
  private static List<Task> tasks() {
    List<Task> tasks = new ArrayList<>(Problem.all());
    BLOCKS.forEach(block -> tasks.add(BlockTask.of(block)));
    return tasks;
  }

  private static void requireTasks(List<String> asked) {
    List<String> names = tasks().stream().map(Task::name).distinct().toList();
    for (String name : asked) {
      if (!names.contains(name)) {
        System.err.println(
            ("orrery: expected one of " + String.join(", ", names) + ", found " + name)
                .toLowerCase(Locale.ROOT));
        System.exit(2);
      }
    }
  }

  /**
   * Measures tasks with several numbers of threads.
   *
   * @param commit of the sources
   */
  String json(List<? extends Task> tasks, List<Integer> threads, String commit) throws Exception {
    List<Measured> rows = new ArrayList<>();
    for (int count : threads) {
      for (Task task : tasks) {
        rows.add(new Measured(task, count, measure(task, count)));
      }
    }
    Machine machine = Machine.here(threads.getLast());
    return JsonText.of(
            out -> {
              out.writeFieldName("machine");
              out.writeRawValue(machine.json());
              out.writeStringField("commit", commit);
              out.writeArrayFieldStart("peers");
              for (Measured row : rows) {
                row.writeTo(out);
              }
              out.writeEndArray();
            })
        + "\n";
  }

  private record Measured(Task task, int threads, List<Contender> contenders) {
    void writeTo(JsonGenerator out) throws IOException {
      out.writeStartObject();
      out.writeStringField("operation", task.name());
      out.writeStringField("shape", task.shape());
      out.writeNumberField("threads", threads);
      out.writeFieldName("operations");
      out.writeNumber(String.format(Locale.ROOT, "%.0f", task.operations()));
      out.writeArrayFieldStart("calls");
      for (Contender contender : contenders) {
        out.writeStartObject();
        out.writeStringField("library", contender.library);
        out.writeStringField("way", contender.call.way());
        out.writeNumberField("difference", contender.difference);
        writeNumbers(out, "milliseconds", contender.milliseconds);
        writeNumbers(out, "processorMilliseconds", contender.processorMilliseconds);
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    }

    private static void writeNumbers(JsonGenerator out, String name, double[] values)
        throws IOException {
      out.writeArrayFieldStart(name);
      for (double value : values) {
        out.writeNumber(String.format(Locale.ROOT, "%.4f", value));
      }
      out.writeEndArray();
    }
  }

  private List<Contender> measure(Task task, int threads) throws Exception {
    List<Contender> contenders = new ArrayList<>();
    try {
      for (Peer peer : peers) {
        for (Call call : task.calls(peer, threads)) {
          contenders.add(new Contender(peer.name(), call, effort.rounds));
        }
      }
      float[] ours = contenders.getFirst().call.result();
      for (Contender contender : contenders) {
        contender.difference =
            Agreement.require(ours, contender.call.result(), task, contender.name());
        turn(contender.call, effort.warmUpMilliseconds);
      }
      for (int round = 0; round < effort.rounds; round++) {
        for (Contender contender : contenders) {
          // The threads of the library before it may still look for work.
          contender.call.run();
          Turn turn = turn(contender.call, effort.milliseconds);
          contender.milliseconds[round] = turn.milliseconds;
          contender.processorMilliseconds[round] = turn.processorMilliseconds;
        }
      }
    } finally {
      for (Contender contender : contenders) {
        contender.call.close();
      }
    }
    tell(task, threads, contenders);
    return contenders;
  }

  /** Means of a call. */
  private record Turn(double milliseconds, double processorMilliseconds) {}

  private static Turn turn(Call call, int milliseconds) throws Exception {
    long processor = SYSTEM.getProcessCpuTime();
    long began = System.nanoTime();
    int calls = 0;
    do {
      call.run();
      calls++;
    } while (System.nanoTime() - began < 1_000_000L * milliseconds);
    double elapsed = (System.nanoTime() - began) / 1e6;
    return new Turn(elapsed / calls, (SYSTEM.getProcessCpuTime() - processor) / 1e6 / calls);
  }

  private void tell(Task task, int threads, List<Contender> contenders) {
    double ours = median(contenders.getFirst().milliseconds);
    progress.accept(task.name() + " " + task.shape() + ", threads: " + threads);
    for (Contender contender : contenders) {
      double time = median(contender.milliseconds);
      progress.accept(
          String.format(
              Locale.ROOT, "  %10.3f ms  %5.2f  %s", time, time / ours, contender.name()));
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}

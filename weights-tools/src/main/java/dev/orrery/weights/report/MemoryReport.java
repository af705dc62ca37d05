package dev.orrery.weights.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.ResidentMemory;
import java.io.IOException;
import java.util.Locale;
import java.util.function.Function;

/**
 * The memory that a model takes, on the CPU and on a GPU.
 *
 * @param java bytes of this process, which are those of a program that would load the model
 * @param cpu what the model takes on the CPU
 * @param gpu what it takes on a GPU
 */
public record MemoryReport(long java, MemoryPlan cpu, MemoryPlan gpu) {
  private static final double MIB = 1 << 20;

  /**
   * Plans a model on both, and measures this process.
   *
   * @param planner plans the model on a backend, without loading it
   */
  public static MemoryReport of(Function<PlanningBackend, MemoryPlan> planner) {
    MemoryPlan cpu = planner.apply(PlanningBackend.cpu());
    MemoryPlan gpu = planner.apply(CudaBackend.planned());
    System.gc();
    return new MemoryReport(ResidentMemory.bytes(), cpu, gpu);
  }

  /** A table in MiB, for people. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("Memory of ").append(cpu.model()).append(", MiB:\n");
    text.append(String.format(Locale.ROOT, "  %-22s %12s %12s\n", "", "on the CPU", "on a GPU"));
    row(text, "Java, as measured now", java, 0);
    row(text, "weights, as stored", cpu.storedWeights(), 0);
    row(text, "weights, converted", cpu.copiedWeights(), gpu.copiedWeights());
    row(text, "one session", cpu.session(), gpu.session());
    row(text, "its activations", cpu.workspace(), gpu.workspace());
    row(text, "once loaded", java + cpu.loaded(), gpu.copiedWeights());
    row(text, "while playing", java + cpu.playing(), gpu.playing() - gpu.storedWeights());
    row(text, "more, while starting", cpu.start(), gpu.start());
    if (cpu.promptEncoder() > 0) {
      row(text, "before, for a prompt", java + cpu.promptEncoder(), gpu.promptEncoder());
    }
    if (cpu.scratchPerHour() > 0) {
      row(text, "an hour, on disk", cpu.scratchPerHour(), gpu.scratchPerHour());
    }
    return text.append(
            "  While playing on the CPU, compiled code and its compiler come on top; on a")
        .append(" GPU,\n  the driver's own memory.\n")
        .toString();
  }

  private static void row(StringBuilder text, String what, long cpu, long gpu) {
    String onGpu = gpu == 0 ? "-" : String.format(Locale.ROOT, "%,.1f", gpu / MIB);
    text.append(String.format(Locale.ROOT, "  %-22s %,12.1f %12s\n", what, cpu / MIB, onGpu));
  }

  /** Writes an object with everything in bytes. */
  void writeTo(JsonGenerator out, String name) throws IOException {
    out.writeObjectFieldStart(name);
    out.writeStringField("model", cpu.model());
    out.writeNumberField("java", java);
    write(out, "cpu", cpu, cpu.storedWeights());
    // Stored weights stay in the file: a GPU has them in a form of its own.
    write(out, "gpu", gpu, 0);
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, String name, MemoryPlan plan, long stored)
      throws IOException {
    out.writeObjectFieldStart(name);
    out.writeNumberField("stored_weights", stored);
    out.writeNumberField("converted_weights", plan.copiedWeights());
    out.writeNumberField("session", plan.session());
    out.writeNumberField("activations", plan.workspace());
    out.writeNumberField("playing", plan.playing() - plan.storedWeights() + stored);
    out.writeNumberField("start", plan.start());
    out.writeNumberField("prompt_encoder", plan.promptEncoder());
    out.writeNumberField("scratch_per_hour", plan.scratchPerHour());
    out.writeEndObject();
  }
}

package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What counts as worse, on three results that {@code ./bench} recorded one after the other on a
 * busy machine, from the same sources.
 */
class RegressionCheckTest {
  /** A call whose tensors are small. */
  private static final BenchCase.Work SMALL = new BenchCase.Work(0, 1e5);

  private static final BenchId SILU = BenchId.of("Silu", "size", "2640x1536");

  @ParameterizedTest
  @CsvSource({"1, 2", "1, 3", "2, 1", "2, 3", "3, 1", "3, 2"})
  void resultsOfTheSameSourcesAreNoWorse(int before, int after) {
    assertEquals(List.of(), faults(recorded(before), recorded(after)));
  }

  @ParameterizedTest
  @CsvSource({"1, 2", "1, 3", "2, 1", "2, 3", "3, 1", "3, 2"})
  void aPlantedSlowdownIsFoundAndNamed(int before, int after) {
    BenchResults slow = changed(recorded(after), sample -> slower(sample, 1.6));
    List<RegressionCheck.Fault> faults = faults(recorded(before), slow);
    assertEquals(List.of(SILU), faults.stream().map(RegressionCheck.Fault::id).toList());
    assertTrue(faults.getFirst().what().startsWith("Silu size=2640x1536: "), faults::toString);
    assertTrue(faults.getFirst().what().contains("% slower"), faults::toString);
  }

  /** Where iterations hardly differ. */
  @Test
  void eightPercentIsTheLimit() {
    BenchResults before = quiet(recorded(1), 1.95);
    assertEquals(1, faults(before, changed(before, it -> slower(it, 1.081))).size());
    assertEquals(List.of(), faults(before, changed(before, it -> slower(it, 1.079))));
  }

  /** Where nobody else computes, elapsed time tells that threads wait. */
  @Test
  void waitingThreadsAreFoundOnlyWhereNobodyDisturbs() {
    BenchResults alone = quiet(recorded(1), 1.95);
    BenchResults disturbed = quiet(recorded(1), 1.7);
    assertEquals(1, faults(alone, changed(alone, it -> later(it, 1.2))).size());
    assertEquals(List.of(), faults(disturbed, changed(disturbed, it -> later(it, 1.2))));
  }

  /** On a busy machine the loop may meet other programs more than the kernel does. */
  @Test
  void whatTookNoLongerByItselfIsNotSlowerOnABusyMachine() {
    BenchResults alone = quiet(recorded(1), 1.95);
    BenchResults busy = quiet(recorded(1), 1.7);
    assertEquals(1, faults(alone, changed(alone, it -> besideFasterLoop(it, 1.3))).size());
    assertEquals(List.of(), faults(busy, changed(busy, it -> besideFasterLoop(it, 1.3))));
    assertEquals(1, faults(busy, changed(busy, it -> slower(it, 1.1))).size());
    assertEquals(0, new RegressionCheck(alone).disturbed(onlySilu(alone)));
    assertEquals(1, new RegressionCheck(alone).disturbed(onlySilu(busy)));
  }

  private static BenchResults onlySilu(BenchResults results) {
    return new BenchResults(
        results.machine(),
        "",
        results.cases().stream().filter(it -> it.id().equals(SILU)).toList());
  }

  private static BenchCase.Sample besideFasterLoop(BenchCase.Sample it, double factor) {
    return new BenchCase.Sample(
        it.milliseconds(),
        it.processorMilliseconds(),
        it.loopMilliseconds() / factor,
        it.loopProcessorMilliseconds() / factor,
        it.allocatedBytes(),
        it.residentBytes());
  }

  /** A third of the iterations met other programs. */
  @Test
  void slowIterationsAmongOthersAreNoise() {
    BenchResults before = recorded(1);
    List<BenchCase> cases = new ArrayList<>();
    for (BenchCase measured : before.cases()) {
      List<BenchCase.Sample> samples = new ArrayList<>(measured.samples());
      for (int i = 0; i < samples.size(); i += 3) {
        samples.set(i, slower(samples.get(i), 3));
      }
      cases.add(new BenchCase(measured.id(), measured.work(), samples));
    }
    BenchResults after = new BenchResults(before.machine(), before.commit(), cases);
    assertEquals(List.of(), faults(before, after));
  }

  /** The tensors of SiLU take 32.4 MB. */
  @Test
  void objectsThatAreManyBesideTheTensorsAreFound() {
    BenchResults before = recorded(1);
    BenchResults allocating = changed(before, it -> larger(it, 400_000, 0));
    assertTrue(
        faults(before, allocating).getFirst().what().contains("allocated by a call, it was 0."));
    assertEquals(List.of(), faults(before, changed(before, it -> larger(it, 300_000, 0))));
  }

  /** Where a call allocates much, as a chunk of a world does, 5 % are the limit. */
  @Test
  void fivePercentOfTheObjectsAreTheLimit() {
    BenchResults before = changed(recorded(1), it -> larger(it, 20e6, 0));
    assertEquals(List.of(), faults(before, changed(before, it -> larger(it, 0.9e6, 0))));
    assertEquals(1, faults(before, changed(before, it -> larger(it, 1.1e6, 0))).size());
  }

  /** Beside small tensors only what JMH cannot tell is negligible. */
  @Test
  void objectsBesideSmallTensorsAreFound() {
    BenchResults before = withWork(recorded(1), SMALL);
    assertEquals(List.of(), faults(before, changed(before, it -> larger(it, 3000, 0))));
    assertEquals(1, faults(before, changed(before, it -> larger(it, 5000, 0))).size());
  }

  /** A chunk was recorded to leave 3.97 MB in some processes and 5.05 MB in others. */
  @Test
  void aMegabyteOfASessionsObjectsIsTheLimit() {
    BenchResults before =
        changed(withWork(recorded(1), BenchCase.Work.UNCOUNTED), it -> larger(it, 4e6, 0));
    assertEquals(List.of(), faults(before, changed(before, it -> larger(it, 1.0e6, 0))));
    assertEquals(1, faults(before, changed(before, it -> larger(it, 1.1e6, 0))).size());
  }

  /**
   * C2 inlines otherwise in every other process: a 320-channel convolution was recorded to leave
   * 107 kB in some processes and 172 kB in others.
   */
  @Test
  void objectsThatOnlySomeProcessesMakeAreNoRegression() {
    BenchResults before = withWork(recorded(1), SMALL);
    AtomicInteger next = new AtomicInteger();
    BenchResults after =
        changed(before, it -> larger(it, next.getAndIncrement() < 9 ? 107e3 : 172e3, 0));
    BenchResults all = changed(before, it -> larger(it, 172e3, 0));
    assertEquals(List.of(), faults(changed(before, it -> larger(it, 107e3, 0)), after));
    assertEquals(1, faults(changed(before, it -> larger(it, 107e3, 0)), all).size());
    BenchResults counted = recorded(1);
    assertEquals(
        List.of(),
        faults(
            changed(counted, it -> larger(it, 107e3, 0)),
            changed(counted, it -> larger(it, 172e3, 0))));
  }

  private static BenchResults withWork(BenchResults results, BenchCase.Work work) {
    List<BenchCase> cases =
        results.cases().stream().map(it -> new BenchCase(it.id(), work, it.samples())).toList();
    return new BenchResults(results.machine(), results.commit(), cases);
  }

  @Test
  void aLargerProcessIsFoundAboveWhatEqualOnesDiffer() {
    BenchResults before = recorded(1);
    BenchResults large = changed(before, it -> larger(it, 0, 12e6));
    assertTrue(faults(before, large).getFirst().what().contains("of the process, it was 1"));
    assertEquals(List.of(), faults(before, changed(before, it -> larger(it, 0, 6e6))));
  }

  /** Equal measurements can be compared best. */
  @Test
  void measuresAsLongAsTheBaselineWasMeasured() {
    BenchResults full = recorded(1);
    BenchCase first = full.cases().getFirst();
    BenchCase shorter = new BenchCase(first.id(), first.work(), first.samples().subList(0, 2 * 6));
    BenchResults quick = new BenchResults(full.machine(), "", List.of(shorter));
    assertEquals(BenchRunner.Effort.FULL, BenchRunner.Effort.of(full));
    assertEquals(BenchRunner.Effort.QUICK, BenchRunner.Effort.of(quick));
  }

  @Test
  void anotherMachineIsRefused() {
    BenchResults before = recorded(1);
    Machine other = new Machine("Intel(R) Core(TM) i7", 8, 256, "25", "", "2026-01-01");
    BenchResults after = new BenchResults(other, "", before.cases());
    String message =
        assertThrows(IllegalArgumentException.class, () -> faults(before, after)).getMessage();
    assertTrue(message.contains("expected intel-core-i7-256-bits with 8 threads"), message);
    assertTrue(message.contains("found amd-epyc-512-bits with 2 threads"), message);
  }

  private static List<RegressionCheck.Fault> faults(BenchResults before, BenchResults after) {
    return new RegressionCheck(before).faults(after);
  }

  static BenchResults recorded(int which) {
    return BenchResults.read(recording(which));
  }

  static Path recording(int which) {
    String name = "bench-" + which + ".json";
    try {
      return Path.of(RegressionCheckTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Results whose samples of SiLU are others. */
  static BenchResults changed(BenchResults results, UnaryOperator<BenchCase.Sample> change) {
    List<BenchCase> cases =
        results.cases().stream()
            .map(
                it ->
                    it.id().equals(SILU)
                        ? new BenchCase(
                            it.id(), it.work(), it.samples().stream().map(change).toList())
                        : it)
            .toList();
    return new BenchResults(results.machine(), results.commit(), cases);
  }

  static BenchCase.Sample slower(BenchCase.Sample it, double factor) {
    return new BenchCase.Sample(
        factor * it.milliseconds(),
        factor * it.processorMilliseconds(),
        it.loopMilliseconds(),
        it.loopProcessorMilliseconds(),
        it.allocatedBytes(),
        it.residentBytes());
  }

  private static BenchCase.Sample later(BenchCase.Sample it, double factor) {
    return new BenchCase.Sample(
        factor * it.milliseconds(),
        it.processorMilliseconds(),
        it.loopMilliseconds(),
        it.loopProcessorMilliseconds(),
        it.allocatedBytes(),
        it.residentBytes());
  }

  /**
   * Results whose iterations of SiLU differ by half a percent, beside a loop of some processors.
   */
  private static BenchResults quiet(BenchResults results, double processors) {
    double[] factors = {1, 1.005, 0.995};
    AtomicInteger next = new AtomicInteger();
    return changed(
        results,
        it -> {
          double factor = factors[next.getAndIncrement() % factors.length];
          return new BenchCase.Sample(
              factor * 6,
              factor * 6 * processors,
              50,
              50 * processors,
              it.allocatedBytes(),
              it.residentBytes());
        });
  }

  private static BenchCase.Sample larger(BenchCase.Sample it, double allocated, double resident) {
    return new BenchCase.Sample(
        it.milliseconds(),
        it.processorMilliseconds(),
        it.loopMilliseconds(),
        it.loopProcessorMilliseconds(),
        it.allocatedBytes() + allocated,
        it.residentBytes() + resident);
  }
}

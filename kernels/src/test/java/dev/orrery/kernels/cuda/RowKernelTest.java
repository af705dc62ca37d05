package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CudaConstants;
import org.junit.jupiter.api.Test;

class RowKernelTest {
  /** Teams larger than the kernels know of would overwrite their shared memory. */
  @Test
  void sizesOfTeamsAreThoseOfTheSource() {
    CudaConstants source = CudaConstants.of("rows.cuh");
    assertEquals(source.number("kSmallTeamsThreads"), RowKernel.SMALL_TEAMS_THREADS);
    assertEquals(source.number("kMostTeamThreads"), RowKernel.MOST_TEAM_THREADS);
  }
}

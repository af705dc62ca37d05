package dev.orrery.kernels.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.AddCpu;
import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.elementwise.SiluCpu;
import dev.orrery.kernels.linear.Matmul;
import org.junit.jupiter.api.Test;

class KernelSetTest {
  @Test
  void givesTheKernelOfAContract() {
    Add add = new AddCpu();
    KernelSet kernels = new KernelSet("toy").with(Silu.class, new SiluCpu()).with(Add.class, add);
    assertSame(add, kernels.get(Add.class));
  }

  @Test
  void aMissingKernelIsNamedBesideThoseThatExist() {
    KernelSet kernels =
        new KernelSet("toy").with(Silu.class, new SiluCpu()).with(Add.class, new AddCpu());
    MissingKernelException missing =
        assertThrows(MissingKernelException.class, () -> kernels.get(Matmul.class));
    assertEquals("backend toy has no kernel for Matmul; it has Add, Silu", missing.getMessage());
  }

  @Test
  void aContractIsListedOnce() {
    KernelSet kernels = new KernelSet("toy").with(Add.class, new AddCpu());
    IllegalArgumentException twice =
        assertThrows(IllegalArgumentException.class, () -> kernels.with(Add.class, new AddCpu()));
    assertEquals("Add is listed twice for toy", twice.getMessage());
  }
}

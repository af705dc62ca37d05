package dev.orrery.kernels.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;

/**
 * Loads the kernels as a machine with other vectors would: {@link SimdTile} is told another width
 * than the preferred one and another {@code os.arch}, and every class of the project is loaded
 * anew, so that all of them see that {@link SimdTile}.
 */
final class KernelsOfWidth extends ClassLoader {
  private static final String PROJECT = "dev.orrery.";

  private final int bits;
  private final String arch;

  KernelsOfWidth(int bits, String arch) {
    super(KernelsOfWidth.class.getClassLoader());
    this.bits = bits;
    this.arch = arch;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(PROJECT)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      if (name.equals(SimdTile.class.getName())) {
        bytes = ofWidth(bytes);
      }
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] ofWidth(byte[] bytes) {
    CodeTransform code =
        (builder, element) -> {
          if (element instanceof FieldInstruction field
              && field.name().equalsString("SPECIES_PREFERRED")) {
            builder.getstatic(field.owner().asSymbol(), "SPECIES_" + bits, field.typeSymbol());
          } else if (element instanceof InvokeInstruction call
              && call.name().equalsString("getProperty")) {
            builder.pop().loadConstant(arch);
          } else {
            builder.with(element);
          }
        };
    ClassFile file = ClassFile.of();
    return file.transformClass(file.parse(bytes), ClassTransform.transformingMethodBodies(code));
  }
}

package dev.orrery.kernels.tornado;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LocalVariable;
import java.util.ArrayList;
import java.util.List;

/**
 * A bug in the code of a kernel: a condition that holds always, or never. The compiled class is
 * changed, so that every kernel can have every condition taken away, whatever its source looks
 * like.
 *
 * @param type class of the method, by its name behind {@code dev.orrery.kernels}
 * @param method that the condition is in
 * @param variable that is loaded last before the branch: the right side of a comparison, or what is
 *     compared with zero
 * @param occurrence which of the method's branches of that kind, from 1 on
 * @param holds whether the condition holds from now on
 */
record RemovedBound(String type, String method, String variable, int occurrence, boolean holds) {
  private static final String PACKAGE = "dev.orrery.kernels.";

  /** A condition that holds always. */
  RemovedBound(String type, String method, String variable, int occurrence) {
    this(type, method, variable, occurrence, true);
  }

  /**
   * A class that runs the changed method: that of a kernel, whose code may lie in another one of
   * its package. It implements the same contract as the one that everybody knows.
   */
  Class<?> load(String kernel) {
    try {
      return new Loader().loadClass(PACKAGE + kernel);
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** The branch's place among all instructions of the method. */
  private int find(CodeAttribute code) {
    List<LocalVariable> variables = new ArrayList<>();
    List<Instruction> instructions = new ArrayList<>();
    for (CodeElement element : code) {
      switch (element) {
        case LocalVariable named -> variables.add(named);
        case Instruction instruction -> instructions.add(instruction);
        default -> {
          // Says nothing about variables.
        }
      }
    }
    String loaded = null;
    int address = 0;
    int found = 0;
    for (int i = 0; i < instructions.size(); i++) {
      Instruction instruction = instructions.get(i);
      if (isCondition(instruction) && variable.equals(loaded) && ++found == occurrence) {
        return i;
      }
      loaded =
          instruction instanceof LoadInstruction load
              ? name(variables, code, load.slot(), address)
              : null;
      address += instruction.sizeInBytes();
    }
    throw new IllegalArgumentException(
        this + ": " + found + " conditions end in this variable; are classes compiled with -g?");
  }

  private static String name(
      List<LocalVariable> variables, CodeAttribute code, int slot, int address) {
    for (LocalVariable named : variables) {
      if (named.slot() == slot
          && code.labelToBci(named.startScope()) <= address
          && address < code.labelToBci(named.endScope())) {
        return named.name().stringValue();
      }
    }
    return null;
  }

  private static boolean isCondition(Instruction instruction) {
    return instruction instanceof BranchInstruction
        && instruction.opcode() != Opcode.GOTO
        && instruction.opcode() != Opcode.GOTO_W;
  }

  /** How many values a condition takes from the stack. */
  private static int operands(Opcode condition) {
    return switch (condition) {
      case IFEQ, IFNE, IFLT, IFGE, IFGT, IFLE, IFNULL, IFNONNULL -> 1;
      default -> 2;
    };
  }

  private byte[] changed(byte[] original) {
    // Names of variables show the place and then go: some are those of code that nothing reaches.
    int place =
        ClassFile.of().parse(original).methods().stream()
            .filter(this::isMethod)
            .mapToInt(model -> find((CodeAttribute) model.code().orElseThrow()))
            .findFirst()
            .orElseThrow();
    ClassFile format = ClassFile.of(ClassFile.DebugElementsOption.DROP_DEBUG);
    CodeTransform change = CodeTransform.ofStateful(() -> change(place));
    return format.transformClass(
        format.parse(original), ClassTransform.transformingMethodBodies(this::isMethod, change));
  }

  private boolean isMethod(MethodModel model) {
    return model.methodName().equalsString(method);
  }

  /** The compiler jumps over what a condition guards, and out of a loop, where it does not hold. */
  private CodeTransform change(int place) {
    int[] index = {0};
    return (builder, element) -> {
      if (element instanceof Instruction && index[0]++ == place) {
        BranchInstruction branch = (BranchInstruction) element;
        if (operands(branch.opcode()) == 1) {
          builder.pop();
        } else {
          builder.pop2();
        }
        if (!holds) {
          builder.goto_(branch.target());
        }
      } else {
        builder.with(element);
      }
    };
  }

  /** Has kernels of its own and shares everything else, contracts included. */
  private final class Loader extends ClassLoader {
    Loader() {
      super(RemovedBound.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        // A family's kernels share classes that only their package sees.
        boolean own =
            name.startsWith(PACKAGE)
                && (name.equals(PACKAGE + type) || name.split("\\$")[0].endsWith("Tornado"));
        if (!own) {
          return super.loadClass(name, resolve);
        }
        Class<?> known = findLoadedClass(name);
        return known == null ? define(name) : known;
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      String file = name.replace('.', '/') + ".class";
      try (InputStream stream = getParent().getResourceAsStream(file)) {
        if (stream == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = stream.readAllBytes();
        byte[] code = name.equals(PACKAGE + type) ? changed(bytes) : bytes;
        return defineClass(name, code, 0, code.length);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

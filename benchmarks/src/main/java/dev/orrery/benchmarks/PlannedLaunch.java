package dev.orrery.benchmarks;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A launch that a model was planned to make.
 *
 * @param contract of the kernel
 * @param method of the contract
 * @param arguments of the method, whose tensors have no memory
 */
record PlannedLaunch(Class<? extends Kernel> contract, Method method, Object[] arguments) {
  /**
   * What tells launches apart: {@code Matmul F32[3, 256] BF16[1536, 256] BF16[1536] SILU F32[3,
   * 1536]}. Factors that are no part of the work are left out.
   */
  String name() {
    return Stream.concat(
            Stream.of(contract.getSimpleName()),
            Arrays.stream(arguments)
                .filter(argument -> !(argument instanceof Double))
                .map(argument -> argument == null ? "-" : argument.toString()))
        .collect(Collectors.joining(" "));
  }

  /** Floating-point operations as the contract counts them; 0 of what is no product. */
  double operations() {
    try {
      return PlanningBackend.operations(contract, method, arguments);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Bytes of all tensors. */
  double bytes() {
    return tensors().stream().mapToDouble(Tensor::byteSize).sum();
  }

  /** All tensors, also where they are parts of records and lists. */
  List<Tensor> tensors() {
    List<Tensor> tensors = new ArrayList<>();
    copy(
        Arrays.asList(arguments),
        tensor -> {
          tensors.add(tensor);
          return tensor;
        });
    return tensors;
  }

  /**
   * The same launch of a kernel that computes.
   *
   * @param kernel of the contract
   * @param memory makes a tensor with memory for one without
   */
  Runnable on(Kernel kernel, UnaryOperator<Tensor> memory) {
    Object[] with = copy(Arrays.asList(arguments), memory).toArray();
    return () -> {
      try {
        method.invoke(kernel, with);
      } catch (InvocationTargetException e) {
        throw new IllegalStateException(name() + " failed", e.getCause());
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  /** Arguments with other tensors, also where these are parts of records and lists. */
  private static List<Object> copy(List<?> arguments, UnaryOperator<Tensor> tensors) {
    List<Object> copies = new ArrayList<>();
    for (Object argument : arguments) {
      copies.add(
          switch (argument) {
            case null -> null;
            case Tensor tensor -> tensors.apply(tensor);
            case Record record -> copy(record, tensors);
            case List<?> list -> copy(list, tensors);
            default -> argument;
          });
    }
    return copies;
  }

  private static Record copy(Record record, UnaryOperator<Tensor> tensors) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    List<Object> values = new ArrayList<>();
    try {
      for (RecordComponent component : components) {
        values.add(component.getAccessor().invoke(record));
      }
      return record
          .getClass()
          .getDeclaredConstructor(types)
          .newInstance(copy(values, tensors).toArray());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(record.toString(), e);
    }
  }
}

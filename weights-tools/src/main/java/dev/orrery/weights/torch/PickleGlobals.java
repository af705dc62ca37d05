package dev.orrery.weights.torch;

import dev.orrery.kernels.tensor.DType;
import java.util.HashMap;
import java.util.Map;

/**
 * The names that a pickle may refer to, all of them. They are looked up here and nowhere else.
 *
 * <p>Source: PyTorch 2.6, {@code torch/_utils.py}, {@code torch/_tensor.py} and {@code
 * torch/serialization.py}.
 */
final class PickleGlobals {
  private static final Map<String, Object> KNOWN = known();

  private PickleGlobals() {}

  /**
   * @return a {@link PickleItem.Callable}, a {@link PickleItem.StorageType} or a {@link DType};
   *     null if the name is not known
   */
  static Object find(String module, String name) {
    return KNOWN.get(module + "." + name);
  }

  private static Map<String, Object> known() {
    Map<String, Object> known = new HashMap<>();
    known.put("collections.OrderedDict", PickleItem.Callable.ORDERED_DICT);
    known.put("torch.Size", PickleItem.Callable.SIZE);
    known.put("torch._utils._rebuild_tensor_v2", PickleItem.Callable.REBUILD_TENSOR_V2);
    known.put("torch._utils._rebuild_tensor_v3", PickleItem.Callable.REBUILD_TENSOR_V3);
    known.put("torch._utils._rebuild_parameter", PickleItem.Callable.REBUILD_PARAMETER);
    Map<String, DType> storages =
        Map.of(
            "Double", DType.F64,
            "Float", DType.F32,
            "Half", DType.F16,
            "BFloat16", DType.BF16,
            "Long", DType.I64,
            "Int", DType.I32,
            "Short", DType.I16,
            "Char", DType.I8,
            "Byte", DType.U8,
            "Bool", DType.BOOL);
    storages.forEach(
        (name, dtype) ->
            known.put("torch." + name + "Storage", new PickleItem.StorageType(dtype, true)));
    PickleItem.StorageType bytes = new PickleItem.StorageType(DType.U8, false);
    known.put("torch.UntypedStorage", bytes);
    known.put("torch.storage.UntypedStorage", bytes);
    Map.ofEntries(
            Map.entry("float64", DType.F64),
            Map.entry("float32", DType.F32),
            Map.entry("float16", DType.F16),
            Map.entry("bfloat16", DType.BF16),
            Map.entry("float8_e4m3fn", DType.F8_E4M3),
            Map.entry("float8_e5m2", DType.F8_E5M2),
            Map.entry("int64", DType.I64),
            Map.entry("int32", DType.I32),
            Map.entry("int16", DType.I16),
            Map.entry("int8", DType.I8),
            Map.entry("uint64", DType.U64),
            Map.entry("uint32", DType.U32),
            Map.entry("uint16", DType.U16),
            Map.entry("uint8", DType.U8),
            Map.entry("bool", DType.BOOL))
        .forEach((name, dtype) -> known.put("torch." + name, dtype));
    return Map.copyOf(known);
  }
}

package dev.orrery.weights.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.weights.torch.PickleReader.UnknownNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pickles that PyTorch would not write, and the corners of those that it does. */
class HostilePickleTest {
  private static final String ACCEPTED = "NKMJG()]}aesuqrhjtcQRbX.";

  @Test
  void readsEveryKindOfPlainValue() {
    PickleBytes pickle =
        new PickleBytes()
            .op(0x80, 4)
            .i64(0x95, 3)
            .ops("](NK\u00ffM\u00ff\u00ff")
            .u32('J', -2)
            .op(0x8a, 0)
            .op(0x8a, 1, 0x80)
            .number(Long.MIN_VALUE)
            .u32(0x8b, 2)
            .op(0, 1)
            .op('G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0)
            .op(0x8c, 1, 'x', 0x94)
            .i64(0x8d, 2)
            .op(0xc3, 0xa9)
            .op('h', 0, 0x85)
            .global("torch", "bfloat16")
            .text("torch")
            .text("float8_e5m2")
            .op(0x93)
            .global("torch", "Size")
            .numbers(2, 3)
            .op(0x85)
            .ops("Re}K\u0003Ns");
    var sequence = (TorchValue.Sequence) read(pickle.ops("\u0086").op(0x94).end());
    assertEquals(
        List.of(
            new TorchValue.None(),
            new TorchValue.Int(255),
            new TorchValue.Int(65535),
            new TorchValue.Int(-2),
            new TorchValue.Int(0),
            new TorchValue.Int(-128),
            new TorchValue.Int(Long.MIN_VALUE),
            new TorchValue.Int(256),
            new TorchValue.Real(1.5),
            new TorchValue.Text("x"),
            new TorchValue.Text("\u00e9"),
            new TorchValue.Sequence(List.of(new TorchValue.Text("x"))),
            new TorchValue.ElementType(DType.BF16),
            new TorchValue.ElementType(DType.F8_E5M2),
            new TorchValue.Sequence(List.of(new TorchValue.Int(2), new TorchValue.Int(3)))),
        ((TorchValue.Sequence) sequence.entries().get(0)).entries());
    assertEquals(
        new TorchValue.Dictionary(Map.of("3", new TorchValue.None())), sequence.entries().get(1));
  }

  @Test
  void dropsTheVersionsThatAModuleGivesItsDictionary() {
    PickleBytes pickle = PickleBytes.begin().orderedDict().ops("}").text("_metadata");
    assertEquals(new TorchValue.Dictionary(Map.of()), read(pickle.orderedDict().ops("sb").end()));
  }

  @Test
  void readsTensorsOfElementTypesWithoutAStorageType() {
    PickleBytes pickle =
        PickleBytes.begin()
            .global("torch._utils", "_rebuild_tensor_v3")
            .ops("(")
            .storage("UntypedStorage", "0", 7)
            .number(1)
            .numbers(2)
            .numbers(1)
            .op(0x89)
            .orderedDict()
            .global("torch", "uint16");
    TorchTensor tensor = (TorchTensor) read(pickle.ops("tR").end());
    TorchStorage bytes = new TorchStorage("0", DType.U8, 7);
    assertEquals(new TorchTensor(DType.U16, Shape.of(2), List.of(1L), 1, bytes), tensor);
  }

  @Test
  void anEmptyTensorMayLieAtTheEnd() {
    long[] extents = {0, 3};
    TorchTensor tensor =
        (TorchTensor) read(PickleBytes.begin().tensor("0", 4, 4, extents, new long[] {9, 9}).end());
    assertEquals(0, tensor.byteSize());
  }

  /** Levels are counted from the root, also where a part was already looked at. */
  @Test
  void limitsTheLevels() {
    PickleBytes shared = begin().ops("(N").ops("\u0085".repeat(40)).ops("q\u0000h\u0000");
    read(shared.ops("\u0085".repeat(23)).ops("t").end());
    PickleBytes deeper = begin().ops("(N").ops("\u0085".repeat(40)).ops("q\u0000h\u0000");
    refused(
        deeper.ops("\u0085".repeat(24)).ops("t").end(),
        "expected at most 64 levels of containers, found more");
  }

  /** Each of the 256 instructions is either one of those below or refused by name. */
  @Test
  void refusesAllOtherInstructions() {
    List<Integer> more =
        List.of(0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x93, 0x94, 0x95);
    List<Integer> refused =
        IntStream.range(0, 256)
            .filter(opcode -> ACCEPTED.indexOf(opcode) < 0 && !more.contains(opcode))
            .boxed()
            .toList();
    assertEquals(256 - ACCEPTED.length() - more.size(), refused.size());
    for (int opcode : refused) {
      refused(
          PickleBytes.begin().ops("NNN").op(opcode).end(),
          "byte 5: expected an instruction that describes tensors or plain values, found "
              + PickleOpcode.name(opcode)
              + ";");
    }
    for (Map.Entry<Character, String> named :
        Map.of('i', "INST", 'o', "OBJ", 'P', "PERSID", '2', "DUP", '\u0081', "NEWOBJ").entrySet()) {
      refused(PickleBytes.begin().op(named.getKey()).end(), "found " + named.getValue() + ";");
    }
    refused(PickleBytes.begin().op(0x84).end(), "found EXT4;");
    refused(PickleBytes.begin().op(0xff).end(), "found 0xff;");
  }

  static Stream<Arguments> hostile() {
    String deep = "(".repeat(100) + "t".repeat(100);
    long max = Long.MAX_VALUE;
    return Stream.of(
        of(new byte[0], "expected 1 more bytes, found 0; the pickle is truncated"),
        of("(lp0\n.", "expected a pickle of protocol 2 to 5, found none"),
        of(new PickleBytes().op(0x80, 6).ops("N"), "protocol 2 to 5, found 6"),
        of(begin(), "byte 2: expected 1 items on the stack, found 0 (stack underflow)"),
        of(begin().ops("NN"), "expected one result, found more on the stack"),
        of(begin().ops("(N"), "expected one result, found more on the stack"),
        of(begin().ops("N.N"), "expected the end of the pickle, found 2 more bytes"),
        of(begin().ops("Na"), "byte 3: expected 1 items on the stack, found 0 (stack underflow)"),
        of(begin().ops("N(a"), "(stack underflow)"),
        of(begin().ops("t"), "expected a mark on the stack, found none"),
        of(begin().ops("Ne"), "expected a mark"),
        of(begin().ops("NNa"), "expected a list to append to, found None"),
        of(begin().ops("](Ns"), "stack underflow"),
        of(begin().ops("]NNs"), "expected a dictionary, found a list of 0"),
        of(begin().ops("}(Nu"), "expected a value for each key"),
        of(begin().ops("}NNs"), "expected a string or an integer as key, found None"),
        of(begin().ops("})Ns"), "as key, found a tuple of 0"),
        of(
            begin().ops("}").text("k".repeat(1025)).ops("Ns"),
            "at most 1024 characters, found 1025"),
        of(begin().ops("}(").text("k").ops("N").text("k").ops("Nu"), "key \"k\": ... found twice"),
        of(begin().ops("}(").text("3").ops("NK\u0003Nu"), "key \"3\": ... found twice"),
        of(begin().ops("h\u0000"), "expected something at memo index 0, found nothing"),
        of(begin().u32('j', -1), "memo index 4294967295, found nothing"),
        of(begin().ops("N").u32('r', -1), "memo index below 1000000, found 4294967295"),
        of(begin().ops("N").u32('r', 1_000_000), "memo index below 1000000, found 1000000"),
        of(begin().ops("q\u0000"), "stack underflow"),
        of(begin().u32('X', 1 << 20 | 1), "at most 1048576 bytes, found 1048577"),
        of(begin().u32('X', -1), "at most 1048576 bytes, found 4294967295"),
        of(begin().i64(0x8d, -1), "found 18446744073709551615"),
        of(begin().u32('X', 100).ops("abc"), "expected 100 more bytes, found 4; ... truncated"),
        of(begin().u32('X', 1).op(0xff), "expected text in UTF-8"),
        of(begin().u32('X', 3).op(0xed, 0xa0, 0x80), "expected text in UTF-8"),
        of(begin().op(0x8a, 9).ops("012345678"), "at most 64 bits, found 9 bytes"),
        of(begin().u32(0x8b, -1), "at most 64 bits, found -1 bytes"),
        of(begin().u32(0x8b, Integer.MAX_VALUE), "at most 64 bits, found 2147483647 bytes"),
        of(begin().op('G', 0), "truncated"),
        of(begin().i64(0x95, 9), "expected a frame of at most 1 bytes, found 9"),
        of(begin().i64(0x95, -1), "found 18446744073709551615"),
        of(begin().ops("c" + "m".repeat(300)), "at most 256 bytes, found no end of it"),
        of(begin().global("os", "system"), "found os.system; nothing of the file was run"),
        of(begin().global("builtins", "eval"), "found builtins.eval;"),
        of(begin().global("torch", "load"), "found torch.load;"),
        of(begin().global("torch.jit", "load"), "found torch.jit.load;"),
        of(begin().global("torch", "QInt8Storage"), "found torch.QInt8Storage;"),
        of(begin().global("torch", "complex64"), "found torch.complex64;"),
        of(begin().global("torch", "_utils._rebuild_tensor"), "_rebuild_tensor;"),
        of(begin().global("a\u001b[31m", "b\r"), "found a\\u001b[31m.b\\u000d;"),
        of(begin().text("os").text("system").op(0x93), "found os.system;"),
        of(begin().ops("NN").op(0x93), "expected a module and a name, found None"),
        of(begin().ops("N)R"), "expected a call of a function with a tuple, found None with"),
        of(begin().text("print").ops(")R"), "found the string \"print\" with a tuple of 0"),
        of(begin().global("torch", "FloatStorage").ops(")R"), "found the type of a storage with"),
        of(begin().global("torch", "Size").ops("NR"), "with None"),
        of(begin().global("collections", "OrderedDict").ops("N\u0085R"), "expected 0 arguments"),
        of(begin().global("torch", "Size").ops("N\u0085R"), "SIZE: expected a tuple of at most 64"),
        of(
            begin().global("torch", "Size").ops("N\u0085\u0085R"),
            "SIZE: expected integers, found N"),
        of(
            begin().global("torch", "Size"),
            "expected only tensors and plain values, found the fun"),
        of(begin().ops("}}b"), "expected only dictionaries of modules to have attributes"),
        of(begin().orderedDict().ops("Nb"), "with the state None"),
        of(begin().orderedDict().ops("}").text("__class__").ops("}sb"), "a dictionary of 1"),
        of(begin().orderedDict().ops("}").text("_metadata").ops("Nsb"), "a dictionary of 1"),
        of(begin().text("0").ops("Q"), "expected the id of a storage"),
        of(begin().ops("(NNNNNtQ"), "found a tuple of 5"),
        of(begin().storage("FloatStorage", "0", 1), "found a storage"),
        of(begin().storage("FloatStorage", "0", -1), "storage 0: ... fits in 64 bits, found -1"),
        of(begin().storage("FloatStorage", "0", max / 2), "storage 0: ... fits in 64 bits"),
        of(begin().storage("FloatStorage", "0".repeat(65), 1), "at most 64 characters"),
        of(
            begin().storage("FloatStorage", "0", 1).storage("FloatStorage", "0", 2),
            "storage 0: expected one type and size, found 1 F32 and 2 F32"),
        of(
            begin().storage("FloatStorage", "0", 1).storage("IntStorage", "0", 1),
            "found 1 F32 and 1 I32"),
        of(tensor(4, 0, longs(5), longs(1)), "inside the 4 elements of storage 0, found offset 0"),
        of(tensor(4, 1, longs(4), longs(1)), "found offset 1 and strides [1]"),
        of(tensor(4, -1, longs(4), longs(1)), "found offset -1"),
        of(tensor(4, 5, longs(0), longs(1)), "found offset 5"),
        of(tensor(4, 3, longs(2), longs(-1)), "strides [-1]"),
        of(tensor(4, 0, longs(3, 2), longs(1, 2)), "inside the 4 elements"),
        of(tensor(4, 0, longs(3, 3), longs(max, max)), "inside the 4 elements"),
        of(tensor(4, max, longs(1), longs(0)), "inside the 4 elements"),
        of(tensor(4, 0, longs(-1), longs(1)), "F32[-1]: expected a size that fits in 64 bits"),
        of(tensor(4, 0, longs(1L << 32, 1L << 32), longs(0, 0)), "fits in 64 bits"),
        of(tensor(4, 0, longs(max), longs(0)), "fits in 64 bits"),
        of(tensor(4, 0, longs(2), longs(1, 1)), "expected one stride for each ... found 2 for 1"),
        of(tensor(4, 0, new long[65], new long[65]), "a tuple of at most 64 integers"),
        of(begin().ops(deep), "expected at most 64 levels of containers, found more"),
        of(begin().ops("]q\u0000h\u0000a"), "expected at most 64 levels"),
        of(begin().ops("}q\u0000K\u0000h\u0000s"), "expected at most 64 levels"),
        of(begin().ops(")" + "q\u0000h\u0000\u0086".repeat(40)), "expected at most 1000000 values"),
        of(begin().ops("N" + "q\u0000".repeat(1_000_000)), "at most 1000000 instructions"),
        of(begin().ops("}".repeat(1_000_000)), "at most 1000000 instructions"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("hostile")
  void refusesHostilePickles(byte[] pickle, String cause) {
    refused(pickle, cause.split(" \\.\\.\\. "));
  }

  @Test
  void refusesWrongArgumentsOfTensors() {
    List<String> good = List.of("s", "0", "t", "t", "f", "d");
    assertSame(DType.F32, ((TorchTensor) read(call("_rebuild_tensor_v2", good))).dtype());
    for (int i = 0; i < good.size(); i++) {
      if (i == 4) {
        // Whether a gradient is needed says nothing about the tensor's content.
        continue;
      }
      List<String> wrong = new ArrayList<>(good);
      wrong.set(i, "x");
      refused(call("_rebuild_tensor_v2", wrong), "REBUILD_TENSOR_V2: expected ", "the string");
    }
    refused(call("_rebuild_tensor_v2", good.subList(0, 5)), "expected 7 arguments, found 5");
    refused(call("_rebuild_tensor_v2", plus(good, "x")), "no hooks or attributes");
    refused(call("_rebuild_tensor_v2", plus(plus(good, "d"), "d")), "found 8");
    refused(call("_rebuild_tensor_v3", plus(good, "x")), "expected an element type");
    refused(call("_rebuild_tensor_v3", plus(good, "y")), "storage 0: expected the element type");
    refused(call("_rebuild_parameter", List.of("x", "f", "d")), "expected a tensor");
    refused(call("_rebuild_parameter", List.of("x", "f", "x")), "no hooks or attributes");
    refused(call("_rebuild_parameter", List.of("x")), "expected 3 arguments, found 1");
    refused(
        begin()
            .global("torch._utils", "_rebuild_tensor_v2")
            .ops("(")
            .storage("UntypedStorage", "0", 4)
            .number(0)
            .ops(")))")
            .orderedDict()
            .ops("tR")
            .end(),
        "storage 0: expected the element type of its tensor");
  }

  private static byte[] call(String function, List<String> arguments) {
    PickleBytes pickle = begin().global("torch._utils", function).ops("(");
    for (String argument : arguments) {
      switch (argument) {
        case "s" -> pickle.storage("FloatStorage", "0", 4);
        case "0" -> pickle.number(0);
        case "t" -> pickle.numbers(1);
        case "f" -> pickle.op(0x89);
        case "d" -> pickle.orderedDict();
        case "y" -> pickle.global("torch", "int32");
        default -> pickle.text(argument);
      }
    }
    return pickle.ops("tR").end();
  }

  private static List<String> plus(List<String> list, String last) {
    return Stream.concat(list.stream(), Stream.of(last)).toList();
  }

  private static PickleBytes begin() {
    return PickleBytes.begin();
  }

  private static PickleBytes tensor(long elements, long offset, long[] extents, long[] strides) {
    return begin().tensor("0", elements, offset, extents, strides);
  }

  private static long[] longs(long... values) {
    return values;
  }

  private static Arguments of(String pickle, String cause) {
    return Arguments.of(pickle.getBytes(StandardCharsets.ISO_8859_1), cause);
  }

  private static Arguments of(byte[] pickle, String cause) {
    return Arguments.of(pickle, cause);
  }

  private static Arguments of(PickleBytes pickle, String cause) {
    return Arguments.of(pickle.end(), cause);
  }

  private static TorchValue read(byte[] pickle) {
    PickleInput input = new PickleInput("x", pickle);
    return TorchTree.of("x", new PickleReader(input, UnknownNames.REFUSED).read());
  }

  private static void refused(byte[] pickle, String... parts) {
    CheckpointException refusal = assertThrows(CheckpointException.class, () -> read(pickle));
    assertTrue(refusal.getMessage().startsWith("x: "), refusal.getMessage());
    assertEquals(1, refusal.getMessage().lines().count(), refusal.getMessage());
    for (String part : parts) {
      assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
  }
}

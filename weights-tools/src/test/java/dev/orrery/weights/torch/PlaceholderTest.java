package dev.orrery.weights.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.weights.torch.PickleReader.UnknownNames;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Objects of unknown classes beside the dictionary that is wanted, and inside it. */
class PlaceholderTest {
  private static final long[] ONE = {1};
  private static final long[] TWO = {2};

  private static boolean sprung;

  @TempDir Path folder;

  /** What a reader would wake that looked up the names of a pickle among its own classes. */
  static final class Trap {
    static {
      sprung = true;
    }

    private Trap() {}
  }

  /** The pickle of a Lightning checkpoint; storages of 8, 24 and 4 bytes. */
  static byte[] lightning() {
    PickleBytes pickle = PickleBytes.begin().ops("}(").text("epoch").number(3);
    callbacks(pickle.text("callbacks"));
    pickle.text("hyper_parameters");
    config(pickle);
    pickle.text("state_dict").orderedDict().ops("q\u0001(").text("net.w");
    pickle.tensor("0", 2, 0, TWO, ONE).text("net.b").tensor("1", 6, 1, TWO, new long[] {3});
    pickle.ops("u}").text("_metadata").orderedDict().ops("(").text("net").ops("}");
    pickle.text("version").number(1).ops("susb");
    pickle.text("optimizer_states").ops("]}(").text("state").ops("}K\u0000}").text("exp_avg");
    pickle.ops("h\u0002ss").text("param_groups").ops("]ua");
    return pickle.ops("u").end();
  }

  /** Of Lightning 2, by a string with a tensor, and of Lightning 1, by a class. */
  private static void callbacks(PickleBytes pickle) {
    pickle.ops("}(").text("ModelCheckpoint{'mode': 'min'}").ops("}").text("best_model_score");
    pickle.tensor("2", 1, 0, new long[0], new long[0]).ops("q\u0002s");
    pickle.global("pytorch_lightning.callbacks.early_stopping", "EarlyStopping").ops("}");
    pickle.text("patience").number(3).ops("su");
  }

  /**
   * A node that holds itself, an element of an enumeration, a type, and bytes as protocol 2 has.
   */
  private static void config(PickleBytes pickle) {
    pickle.global("omegaconf.dictconfig", "DictConfig").ops(")\u0081q\u0003}(").text("_content");
    pickle.ops("}").text("stage").global("train.config", "Stage").ops("K\u0001\u0085Rs");
    pickle.text("_parent").ops("h\u0003").text("_type").global("typing", "Any").text("_bytes");
    pickle.global("_codecs", "encode").text("\u00e9").text("latin1").ops("\u0086Rub");
  }

  @Test
  void carriesWhatTrainingFrameworksLeave() throws IOException {
    Path path = archive(lightning());
    try (TorchArchive archive = TorchArchive.open(path, "state_dict")) {
      assertEquals(List.of("net.w", "net.b"), List.copyOf(archive.tensors().keySet()));
      byte[] bytes = new byte[8];
      archive.read(archive.tensors().get("net.b"), 0, MemorySegment.ofArray(bytes));
      assertArrayEquals(new byte[8], bytes);
      assertEquals(List.of(), placeholders(archive.tree()).toList());
      assertEquals(2, ((TorchValue.Dictionary) archive.tree()).entries().size());
    }
    try (TorchArchive archive =
        TorchArchive.open(path, "callbacks.ModelCheckpoint{'mode': 'min'}")) {
      assertEquals(List.of("best_model_score"), List.copyOf(archive.tensors().keySet()));
    }
    assertRefused(
        path,
        "ema",
        ": expected a dictionary ema, found none; keys of tensors: state_dict (2 tensors), "
            + "callbacks.ModelCheckpoint{'mode': 'min'} (1 tensor), "
            + "optimizer_states.0.state (1 tensor), optimizer_states.0.state.0 (1 tensor)");
    assertRefused(
        path,
        "callbacks",
        ": pytorch_lightning.callbacks.early_stopping.EarlyStopping: expected a tensor or a"
            + " dictionary of tensors, found"
            + " pytorch_lightning.callbacks.early_stopping.EarlyStopping; nothing of the file was"
            + " run; keys of ");
    assertRefused(path, "hyper_parameters", " of tensors, found omegaconf.dictconfig.DictConfig;");
  }

  /** What Python's own pickler writes of classes, objects and elements of enumerations. */
  @Test
  void carriesWhatPythonWrites() {
    Path path = TorchArchiveTest.resource("training.ckpt");
    try (TorchArchive archive = TorchArchive.open(path, "state_dict")) {
      assertEquals(List.of("net.w", "net.b"), List.copyOf(archive.tensors().keySet()));
      float[] values = new float[2];
      archive.read(archive.tensors().get("net.w"), 0, MemorySegment.ofArray(values));
      assertArrayEquals(new float[] {1, 2}, values);
    }
    String found = "expected a tensor or a dictionary of tensors, found ";
    assertRefused(path, "subclasses", found + "torch._tensor._rebuild_from_type_v2;");
    assertRefused(path, "callbacks", found + "lightning.callbacks.ModelCheckpoint;");
    assertRefused(path, "namespace", "namespace: ", " of tensors, found argparse.Namespace;");
    assertRefused(path, "hyper_parameters", "found lightning.fabric.utilities.data.AttributeDict;");
    assertRefused(path, "", "plain values, found lightning.fabric.utilities.data.AttributeDict;");
  }

  /** Where all of it is wanted, all of it has to be known. */
  @Test
  void theWholeArchiveIsRefusedByTheFirstUnknownName() throws IOException {
    assertRefused(
        archive(lightning()),
        "",
        "expected names that describe tensors or plain values, found"
            + " pytorch_lightning.callbacks.early_stopping.EarlyStopping; nothing of the file");
    assertRefused(
        archive(PickleBytes.begin().ops("}").text("x").ops("N)\u0081s").end()),
        "",
        "expected an instruction that describes tensors or plain values, found NEWOBJ;");
  }

  /** Pickles of one item, which a placeholder is or is in. */
  static Stream<Arguments> items() {
    return Stream.of(
        item("itself", pickle -> foreign(pickle)),
        item("by two strings", pickle -> pickle.text("a.b").text("c").op(0x93)),
        item("called", pickle -> foreign(pickle).ops("N\u0085R")),
        item("called again and again", pickle -> foreign(pickle).ops(")R)R)R")),
        item("called with itself", pickle -> foreign(foreign(pickle)).ops("\u0085R")),
        item("an object", pickle -> foreign(pickle).ops("N\u0085\u0081")),
        item("an object of named arguments", pickle -> foreign(pickle).ops(")}\u0092")),
        item("a state", pickle -> foreign(foreign(pickle).ops(")\u0081}").text("k")).ops("sb")),
        item("a state of None", pickle -> foreign(pickle).ops("Nb")),
        item("items", pickle -> foreign(pickle).ops(")\u0081(").text("k").ops("NNNu")),
        item("an item of an odd key", pickle -> foreign(pickle).ops("NNs")),
        item("entries", pickle -> foreign(pickle).ops("Na(NNe")),
        item("a storage", pickle -> foreign(pickle).ops("Q")),
        item("the type of a storage", PlaceholderTest::storage),
        item("a tensor's storage", pickle -> tensor(pickle, PlaceholderTest::storage, "NN")),
        item("a tensor's extent", pickle -> tensor(pickle, inTuple(), ")")),
        item("a parameter's tensor", pickle -> parameter(pickle, PlaceholderTest::foreign)),
        item(
            "a size's extent",
            pickle -> inTuple().apply(pickle.global("torch", "Size").ops("(")).ops("tR")),
        item(
            "the arguments' first",
            pickle -> foreign(pickle.global("collections", "OrderedDict")).ops("\u0085R")),
        item("a key", pickle -> foreign(pickle.ops("}")).ops("Ns")),
        item("a key twice", pickle -> foreign(foreign(pickle.ops("}(")).ops("N")).ops("Nu")),
        item("a value", pickle -> foreign(pickle.ops("}").text("k")).ops("s")),
        item("an entry", pickle -> foreign(pickle.ops("}").text("k").ops("]")).ops("as")),
        item("in a tuple", pickle -> foreign(pickle).ops("\u0085")),
        item("an attribute", pickle -> attributes(pickle, PlaceholderTest::foreign)),
        item(
            "an attribute's attribute",
            pickle -> attributes(pickle, inner -> attributes(inner, PlaceholderTest::foreign))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("items")
  void carriesItBesideTheDictionary(String what, UnaryOperator<PickleBytes> item)
      throws IOException {
    PickleBytes pickle = item.apply(PickleBytes.begin().ops("}(").text("other"));
    dictionary(pickle.text("state_dict"));
    try (TorchArchive archive = TorchArchive.open(archive(pickle.ops("u").end()), "state_dict")) {
      assertEquals(List.of("w"), List.copyOf(archive.tensors().keySet()), what);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("items")
  void refusesItInsideTheDictionary(String what, UnaryOperator<PickleBytes> item)
      throws IOException {
    PickleBytes pickle = PickleBytes.begin().ops("}").text("state_dict").ops("}(").text("w");
    item.apply(pickle.tensor("2", 1, 0, ONE, ONE).text("x"));
    CheckpointException refusal = refusal(archive(pickle.ops("us").end()), "state_dict");
    String message = refusal.getMessage();
    assertTrue(message.contains("x.ckpt: x"), what + ": " + message);
    boolean named = message.contains("found a.b.c; nothing of the file was run");
    assertTrue(named || message.contains("found a list"), what + ": " + message);
  }

  @Test
  void nothingIsLookedUp() throws IOException {
    PickleBytes pickle = PickleBytes.begin().ops("}(").text("other");
    pickle.global(Trap.class.getPackageName(), "PlaceholderTest$Trap").ops(")\u0081");
    dictionary(pickle.text("state_dict"));
    TorchArchive.open(archive(pickle.ops("u").end()), "state_dict").close();
    assertFalse(sprung);
  }

  @Test
  void whatIsSharedIsJudgedWhereItIs() throws IOException {
    // The placeholder is first beside the dictionary, then in it.
    PickleBytes inside = foreign(PickleBytes.begin().ops("}(").text("other")).ops("q\u0005");
    inside.text("state_dict").ops("}").text("x").ops("h\u0005su");
    assertRefused(archive(inside.end()), "state_dict", "x.ckpt: x: ", "found a.b.c;");
    // The dictionary is complete, and gets the placeholder from elsewhere.
    PickleBytes later = dictionary(PickleBytes.begin().ops("}(").text("state_dict")).ops("q\u0005");
    foreign(later.text("other").ops("h\u0005").text("x")).ops("su");
    assertRefused(archive(later.end()), "state_dict", "x.ckpt: x: ", "found a.b.c;");
    // The tensor is first in the state of an object, the dictionary in that of another.
    PickleBytes tensor = foreign(PickleBytes.begin().ops("}(").text("other")).ops(")\u0081");
    tensor.tensor("2", 1, 0, ONE, ONE).ops("q\u0005b").text("state_dict").ops("}q\u0006");
    foreign(tensor.text("w").ops("h\u0005s").text("more")).ops(")\u0081h\u0006b");
    try (TorchArchive archive = TorchArchive.open(archive(tensor.ops("u").end()), "state_dict")) {
      assertEquals(List.of("w"), List.copyOf(archive.tensors().keySet()));
    }
  }

  static Stream<Arguments> damaged() {
    return Stream.of(
        of(foreign(begin()).ops("NR"), "a function with a tuple, found a.b.c with None"),
        of(foreign(foreign(begin())).ops("R"), "found a.b.c with a.b.c"),
        of(begin().global("torch", "Size").ops(")\u0081"), "found NEWOBJ; nothing of the file"),
        of(begin().global("torch", "Size").ops(")}\u0092"), "found NEWOBJ_EX; nothing of the file"),
        of(foreign(begin()).ops("N\u0081"), "found NEWOBJ;"),
        of(foreign(begin()).ops(")\u0092"), "expected 3 items on the stack, found 2"),
        of(foreign(begin()).ops("o"), "found OBJ;"),
        of(foreign(begin()).ops("(u)R0"), "found POP;"),
        of(begin().text("m".repeat(257)).text("n").op(0x93), "at most 256 characters, found the"),
        of(begin().text("m").text("n".repeat(257)).op(0x93), "at most 256 characters, found the"),
        of(foreign(begin().ops("}(").text("a.b.c").ops("N")).ops("Nu"), "\"a.b.c\": expected once"),
        of(foreign(begin().ops("}(")).ops("N").text("a.b.c").ops("Nu"), "\"a.b.c\": expected once"),
        of(begin().orderedDict().ops("}").text("k").ops("Nsb"), "dictionaries of modules to have"),
        of(foreign(begin().orderedDict().ops("}").text("_metadata")).ops("sb"), "dictionary of 1"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource
  void damaged(byte[] pickle, String cause) {
    CheckpointException e = assertThrows(CheckpointException.class, () -> read(pickle));
    assertTrue(e.getMessage().contains(cause), e.getMessage());
  }

  static TorchValue read(byte[] pickle) {
    PickleInput input = new PickleInput("x", pickle);
    return TorchTree.of("x", new PickleReader(input, UnknownNames.CARRIED).read());
  }

  static Stream<TorchValue> placeholders(TorchValue value) {
    return switch (value) {
      case TorchValue.Placeholder _ -> Stream.of(value);
      case TorchValue.Sequence(var entries) ->
          entries.stream().flatMap(PlaceholderTest::placeholders);
      case TorchValue.Dictionary(var entries) ->
          entries.values().stream().flatMap(PlaceholderTest::placeholders);
      default -> Stream.of();
    };
  }

  private static Arguments item(String what, UnaryOperator<PickleBytes> item) {
    return Arguments.of(what, item);
  }

  private static Arguments of(PickleBytes pickle, String cause) {
    return Arguments.of(pickle.end(), cause);
  }

  private static PickleBytes begin() {
    return PickleBytes.begin();
  }

  static PickleBytes foreign(PickleBytes pickle) {
    return pickle.global("a.b", "c");
  }

  private static UnaryOperator<PickleBytes> inTuple() {
    return pickle -> foreign(pickle).ops("\u0085");
  }

  private static PickleBytes storage(PickleBytes pickle) {
    return foreign(pickle.ops("(").text("storage")).text("0").text("cpu").number(1).ops("tQ");
  }

  /** A tensor of a storage, offset 0, and what else is wrong about it. */
  private static PickleBytes tensor(
      PickleBytes pickle, UnaryOperator<PickleBytes> first, String more) {
    pickle.global("torch._utils", "_rebuild_tensor_v2").ops("(");
    return first.apply(pickle).ops("K\u0000" + more + ")").op(0x89).orderedDict().ops("tR");
  }

  private static PickleBytes parameter(PickleBytes pickle, UnaryOperator<PickleBytes> tensor) {
    pickle.global("torch._utils", "_rebuild_parameter").ops("(");
    return tensor.apply(pickle).op(0x89).orderedDict().ops("tR");
  }

  /** A dictionary whose modules have attributes with an item among them. */
  private static PickleBytes attributes(PickleBytes pickle, UnaryOperator<PickleBytes> item) {
    pickle.orderedDict().ops("}").text("_metadata").orderedDict().text("net");
    return item.apply(pickle).ops("ssb");
  }

  private static PickleBytes dictionary(PickleBytes pickle) {
    return pickle.ops("}").text("w").tensor("2", 1, 0, ONE, ONE).ops("s");
  }

  private Path archive(byte[] pickle) throws IOException {
    return ZipFileBytes.create(folder.resolve("x.ckpt"))
        .stored("x/data.pkl", pickle)
        .stored("x/data/0", new byte[8])
        .stored("x/data/1", new byte[24])
        .stored("x/data/2", new byte[4])
        .end();
  }

  private static CheckpointException refusal(Path path, String key) {
    CheckpointException refusal =
        assertThrows(CheckpointException.class, () -> TorchArchive.open(path, key).close());
    assertEquals(1, refusal.getMessage().lines().count(), refusal.getMessage());
    return refusal;
  }

  private static void assertRefused(Path path, String key, String... parts) {
    String message = refusal(path, key).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }
}

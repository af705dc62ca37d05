package dev.orrery.weights.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives whose zip file is damaged or made to mislead. */
class HostileZipTest {
  /** Bytes from the end of the file to the record there, and to its 64-bit companions. */
  private static final int END = 22;

  private static final int LOCATOR = END + 20;
  private static final int ZIP64 = LOCATOR + 56;

  @TempDir Path folder;
  private Path path;
  private byte[] pickle;

  @BeforeEach
  void makePickle() {
    path = folder.resolve("x.pth");
    long[] one = {1};
    pickle =
        PickleBytes.begin()
            .ops("}(")
            .text("w")
            .tensor("0", 2, 1, one, one)
            .text("v")
            .tensor("1", 1, 0, one, one)
            .ops("u")
            .end();
  }

  @Test
  void readsWhatTheOthersDamage() throws IOException {
    try (TorchArchive archive = TorchArchive.open(archive())) {
      assertEquals(2, archive.tensors().size());
    }
  }

  @Test
  void readsADeflatedPickleAndTheByteOrder() throws IOException {
    ZipFileBytes zip = ZipFileBytes.create(path).deflated("a/data.pkl", pickle);
    zip.stored("a/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
    zip.stored("a/.data/serialization_id", new byte[40]).stored("a/data/1", new byte[4]);
    try (TorchArchive archive =
        TorchArchive.open(zip.stored("a/data/0", new byte[] {0, 0, 0, 0, 1, 2, 3, 4}).end())) {
      byte[] bytes = new byte[4];
      archive.read(archive.tensors().get("w"), 0, MemorySegment.ofArray(bytes));
      assertArrayEquals(new byte[] {1, 2, 3, 4}, bytes);
    }
  }

  @Test
  void readsStoragesBeyondFourGigabytes() throws IOException {
    long[] one = {1};
    long elements = (1L << 30) + 2;
    byte[] large =
        PickleBytes.begin()
            .ops("}(")
            .text("last")
            .tensor("0", elements, elements - 1, one, one)
            .text("far")
            .tensor("1", 1, 0, one, one)
            .ops("u")
            .end();
    ZipFileBytes zip = ZipFileBytes.create(path);
    zip.stored("a/data/0", (elements - 1) * 4, new byte[] {1, 2, 3, 4});
    zip.stored("a/data/1", new byte[] {5, 6, 7, 8}).stored("a/data.pkl", large).end();
    assertTrue(Files.size(path) > 1L << 32);
    try (TorchArchive archive = TorchArchive.open(path)) {
      byte[] bytes = new byte[4];
      archive.read(archive.tensors().get("last"), 0, MemorySegment.ofArray(bytes));
      assertArrayEquals(new byte[] {1, 2, 3, 4}, bytes);
      archive.read(archive.tensors().get("far"), 0, MemorySegment.ofArray(bytes));
      assertArrayEquals(new byte[] {5, 6, 7, 8}, bytes);
    }
  }

  @Test
  void refusesWhatIsNoArchive() throws IOException {
    refused("cannot be read: no such file or folder");
    Files.write(path, new byte[0]);
    refused("expected a PyTorch archive, found an empty file; download it again");
    Files.write(path, new byte[21]);
    refused("expected a PyTorch archive, found nothing but zeros");
    Files.write(path, new byte[] {(byte) 0xd1, 0, 7});
    refused("expected a PyTorch archive, found a file that does not end like a zip file");
    Files.delete(path);
    Files.createDirectory(path);
    refused("expected a file, found a folder or device");
    Files.delete(path);
    ZipFileBytes.create(path).end();
    refused("found a zip file without data.pkl");
    ZipFileBytes.create(path).stored("a/version", new byte[1]).end();
    refused("found a zip file without data.pkl");
    ZipFileBytes.create(path).stored("data.pkl", pickle).end();
    refused("expected one folder with everything in it", "the zip entry data.pkl");
    ZipFileBytes.create(path).stored("a/data.pkl", pickle).stored("b/data/0", pickle).end();
    refused("expected one folder with everything in it", "the zip entry b/data/0");
  }

  @Test
  void refusesOtherByteOrders() throws IOException {
    for (String order : new String[] {"big", "", "little\n"}) {
      byte[] bytes = order.getBytes(StandardCharsets.US_ASCII);
      ZipFileBytes zip = ZipFileBytes.create(path).stored("a/data.pkl", pickle);
      zip.stored("a/byteorder", bytes).end();
      refused("expected the byte order \"little\", found \"" + order.replace("\n", "\\u000a"));
    }
    ZipFileBytes zip = ZipFileBytes.create(path).stored("a/data.pkl", pickle);
    zip.stored("a/byteorder", new byte[17]).end();
    refused("a/byteorder: expected at most 16 bytes, found 17");
  }

  @Test
  void refusesStoragesThatAreNotThere() throws IOException {
    ZipFileBytes.archive(path, pickle, 8);
    refused("storage 1: expected its data, found none");
    ZipFileBytes.archive(path, pickle, 8, 3);
    refused("storage 1: expected 4 bytes, found 3");
    ZipFileBytes.archive(path, pickle, 8, 5);
    refused("storage 1: expected 4 bytes, found 5");
    ZipFileBytes zip = ZipFileBytes.create(path).stored("a/data.pkl", pickle);
    zip.deflated("a/data/0", new byte[8]).stored("a/data/1", new byte[4]).end();
    refused("storage 0: expected it uncompressed");
  }

  @Test
  void refusesTensorsThatTwoNamesShare() throws IOException {
    long[] one = {1};
    byte[] twice =
        PickleBytes.begin()
            .ops("}(")
            .text("a.b")
            .tensor("0", 1, 0, one, one)
            .text("a")
            .ops("}")
            .text("b")
            .tensor("0", 1, 0, one, one)
            .ops("su")
            .end();
    try (TorchArchive archive = TorchArchive.open(ZipFileBytes.archive(path, twice, 4))) {
      refused(archive, "tensor a.b: expected once, found two of that name");
      assertEquals(List.of("b"), List.copyOf(archive.tensors("a").keySet()));
    }
  }

  @Test
  void refusesTensorsExpandedBeyondReason() throws IOException {
    long[] extents = {1L << 29};
    byte[] expanded =
        PickleBytes.begin()
            .ops("}")
            .text("w")
            .tensor("0", 1, 0, extents, new long[1])
            .ops("s")
            .end();
    try (TorchArchive archive = TorchArchive.open(ZipFileBytes.archive(path, expanded, 4))) {
      refused(archive, "bytes in a file of this size, found more at w");
    }
  }

  @Test
  void refusesLongNames() throws IOException {
    long[] one = {1};
    byte[] nested =
        PickleBytes.begin()
            .ops("}")
            .text("k".repeat(1000))
            .ops("}")
            .text("k".repeat(1000))
            .tensor("0", 1, 0, one, one)
            .ops("ss")
            .end();
    try (TorchArchive archive = TorchArchive.open(ZipFileBytes.archive(path, nested, 4))) {
      refused(archive, "expected names of at most 1024 characters, found kkk");
    }
  }

  @Test
  void refusesTheWrongCrcOfThePickle() throws IOException {
    archive();
    byte[] bytes = Files.readAllBytes(path);
    bytes[30 + "a/data.pkl".length() + pickle.length / 2] ^= 1;
    Files.write(path, bytes);
    refused("a/data.pkl: expected CRC ", "; the file is damaged");
  }

  @Test
  void refusesBombs() throws IOException {
    byte[] zeros = new byte[TorchArchive.MAX_PICKLE_BYTES + 1];
    ZipFileBytes.create(path).deflated("a/data.pkl", zeros).end();
    refused("a/data.pkl: expected at most 67108864 bytes, found 67108865 in ");
    // An entry that says it is small and goes on.
    ZipFileBytes.create(path).deflated("a/data.pkl", new byte[5000]).end();
    damage(b -> b.putInt(central("a/data.pkl", b) + 24, 4999));
    refused("a/data.pkl: expected deflated data of exactly 4999 bytes, found more");
    ZipFileBytes.create(path).deflated("a/data.pkl", new byte[5000]).end();
    damage(b -> b.putInt(central("a/data.pkl", b) + 24, 5001));
    refused("a/data.pkl: expected deflated data of exactly 5001 bytes, found others");
    ZipFileBytes.create(path).deflated("a/data.pkl", pickle).end();
    damage(b -> b.put(30 + "a/data.pkl".length(), (byte) 0xff));
    refused("a/data.pkl: expected deflated data, found others: ");
  }

  @Test
  void refusesDamagedEnds() throws IOException {
    byte[] valid = Files.readAllBytes(archive());
    for (int length = 4; length < valid.length; length++) {
      Files.write(path, Arrays.copyOf(valid, length));
      refused("does not end like one without a comment; it is cut off: download it again");
    }
    Files.write(path, Arrays.copyOf(valid, valid.length + 1));
    refused("does not end like one without a comment; it is cut off");
    damaged("without a comment, found one", b -> b.putShort(b.limit() - 2, (short) 1));
    damaged("found a part of several", b -> b.putShort(b.limit() - END + 4, (short) 1));
    damaged("found a part of several", b -> b.putShort(b.limit() - END + 6, (short) 1));
    damaged("found a part of several", b -> b.putShort(b.limit() - END + 8, (short) 1));
    damaged("found a part of several", b -> b.putInt(b.limit() - LOCATOR + 4, 1));
    damaged("found a part of several", b -> b.putInt(b.limit() - LOCATOR + 16, 2));
    damaged("found a part of several", b -> b.putInt(b.limit() - ZIP64 + 16, 1));
    damaged("found a part of several", b -> b.putInt(b.limit() - ZIP64 + 20, 1));
    damaged("right before its locator", b -> b.putLong(b.limit() - LOCATOR + 8, 0));
    damaged("expected less than 2^63 bytes", b -> b.putLong(b.limit() - LOCATOR + 8, -1));
    damaged("right before its locator", b -> b.putInt(b.limit() - ZIP64, 0));
    damaged("right before its locator", b -> b.putLong(b.limit() - ZIP64 + 4, 45));
    damaged("end records of the zip archive to agree", b -> b.putLong(b.limit() - ZIP64 + 24, 4));
    damaged("end records of the zip archive to agree", b -> b.putLong(b.limit() - ZIP64 + 48, 4));
    damaged("end records of the zip archive to agree", b -> b.putInt(b.limit() - END + 12, 4));
    // Without its signature, the locator counts as part of the directory.
    damaged("zip directory: expected it to end at byte", b -> b.putInt(b.limit() - LOCATOR, 0));
    damaged(
        "expected the zip64 records of a large archive",
        b -> {
          b.putInt(b.limit() - LOCATOR, 0);
          b.putInt(b.limit() - END + 16, -1);
        });
    damaged("expected at most 100000 zip entries, found 100001", b -> entries(b, 100_001));
    damaged("zip directory: expected entry 3 at byte", b -> entries(b, 4));
    damaged("expected 2 entries, found more bytes behind them", b -> entries(b, 2));
  }

  @Test
  void refusesDamagedDirectoryEntries() throws IOException {
    damagedEntry("expected entry 1 at byte", at -> b -> b.putInt(at, 0));
    damagedEntry("expected it to end at byte", at -> b -> b.putShort(at + 30, (short) -1));
    damagedEntry("expected it in the clear", at -> b -> b.putShort(at + 8, (short) 1));
    damagedEntry("expected it in the clear", at -> b -> b.putShort(at + 8, (short) 0x40));
    damagedEntry("expected it in the clear", at -> b -> b.putShort(at + 8, (short) 0x2000));
    damagedEntry("no special flags, found 0x0820", at -> b -> b.putShort(at + 8, (short) 0x820));
    damagedEntry("found compression method 14", at -> b -> b.putShort(at + 10, (short) 14));
    damagedEntry("found it in another part", at -> b -> b.putShort(at + 34, (short) 1));
    damagedEntry("the same size stored and read", at -> b -> b.putInt(at + 20, 7));
    damagedEntry("the same size stored and read", at -> b -> b.putInt(at + 24, 9));
    damagedEntry("expected a zip64 extra field", at -> b -> b.putInt(at + 42, -1));
    damagedEntry("expected its header at byte 0, found none", at -> b -> b.putInt(0, 0).limit());
    damagedEntry("expected its header at byte 1, found none", at -> b -> b.putInt(at + 42, 1));
    damagedEntry("header at byte 2147483647", at -> b -> b.putInt(at + 42, Integer.MAX_VALUE));
    damagedEntry("header to agree with the directory", at -> b -> b.putInt(at + 42, 0));
    damagedEntry("header to agree with the directory", at -> b -> b.putShort(at + 8, (short) 8));
    damagedEntry("header to agree with the directory", at -> b -> b.putShort(at + 10, (short) 8));
    damagedEntry(
        "before the directory at byte", at -> b -> b.putInt(at + 20, 2000).putInt(at + 24, 2000));
    damagedEntry(
        "zip entry a/data/1: expected it apart, found it inside a/data/0",
        at -> b -> b.putInt(at + 20, 80).putInt(at + 24, 80));
    damaged("zip entry a/data.pk: expected no comment", b -> comment(b, central("a/data.pkl", b)));
    for (String wrong :
        List.of(
            "/a/data0", "a/../a/0", "a//ata/0", "./data/0", "a\\data/0", "a/data0/", "a/d\nta/0")) {
      damagedEntry(
          "expected a plain relative path as name",
          at -> b -> b.put(at + 46, wrong.getBytes(StandardCharsets.US_ASCII)));
    }
    damagedEntry("expected UTF-8, found other bytes", at -> b -> b.put(at + 46, (byte) 0xff));
    int last = "a/data/0".length() - 1;
    damagedEntry(
        "zip entry a/data/1: expected once, found twice",
        at ->
            b -> b.put(at + 46 + last, (byte) '1').put(b.getInt(at + 42) + 30 + last, (byte) '1'));
    ZipFileBytes.create(path).stored("a/" + "n".repeat(1023), pickle).end();
    refused("name of a zip entry: expected at most 1024 bytes, found 1025");
  }

  @Test
  void refusesHeadersThatDisagree() throws IOException {
    String disagrees = "zip entry a/data.pkl: expected its header to agree with the directory";
    damaged(disagrees, b -> b.putShort(6, (short) 8));
    damaged(disagrees, b -> b.putShort(8, (short) 8));
    damaged(disagrees, b -> b.putInt(14, 1));
    damaged(disagrees, b -> b.putInt(18, 1));
    damaged(disagrees, b -> b.putInt(22, 1));
    damaged(disagrees, b -> b.putShort(26, (short) 1));
    damaged(disagrees, b -> b.put(30, (byte) 'b'));
    damaged("expected whole extra fields", b -> b.putShort(28, (short) 3).putInt(14, 1));
    damaged("before the directory at byte", b -> b.putShort(28, (short) -1));
  }

  /** A directory entry for the second member of the archive, damaged. */
  private void damagedEntry(String cause, IntFunction<Consumer<ByteBuffer>> damage)
      throws IOException {
    damaged(cause, b -> damage.apply(central("a/data/0", b)).accept(b));
  }

  private void damaged(String cause, Consumer<ByteBuffer> damage) throws IOException {
    archive();
    damage(damage);
    refused(cause);
  }

  private void damage(Consumer<ByteBuffer> damage) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    damage.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    Files.write(path, bytes);
  }

  private static void entries(ByteBuffer zip, int count) {
    int end = zip.limit();
    zip.putLong(end - ZIP64 + 24, count).putLong(end - ZIP64 + 32, count);
    zip.putShort(end - END + 8, (short) -1).putShort(end - END + 10, (short) -1);
  }

  /** Makes the end of an entry's name a comment. */
  private static void comment(ByteBuffer zip, int at) {
    zip.putShort(at + 28, (short) (zip.getShort(at + 28) - 1)).putShort(at + 32, (short) 1);
  }

  /** Where the directory entry of a name begins. */
  private static int central(String name, ByteBuffer zip) {
    byte[] wanted = name.getBytes(StandardCharsets.US_ASCII);
    for (int at = (int) zip.getLong(zip.limit() - ZIP64 + 48); ; at++) {
      byte[] found = Arrays.copyOfRange(zip.array(), at + 46, at + 46 + wanted.length);
      if (zip.getInt(at) == 0x02014b50 && Arrays.equals(found, wanted)) {
        return at;
      }
    }
  }

  private Path archive() throws IOException {
    return ZipFileBytes.archive(path, pickle, 8, 4);
  }

  private void refused(TorchArchive archive, String cause) {
    check(assertThrows(CheckpointException.class, () -> archive.tensors()), cause);
  }

  private void refused(String... causes) {
    check(assertThrows(CheckpointException.class, () -> TorchArchive.open(path).close()), causes);
  }

  private void check(CheckpointException refusal, String... causes) {
    assertTrue(refusal.getMessage().startsWith(path + ": "), refusal.getMessage());
    assertEquals(1, refusal.getMessage().lines().count(), refusal.getMessage());
    for (String cause : causes) {
      assertTrue(refusal.getMessage().contains(cause), refusal.getMessage());
    }
  }
}

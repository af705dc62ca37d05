package dev.orrery.runtime.media;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Names a file from its first bytes, whatever its name says. */
final class ImageKind {
  /** Bytes that tell every kind of file. */
  static final int HEAD = 4096;

  private static final String TO_PICTURE = "convert it to PNG or JPEG";
  private static final String TO_FRAME =
      "take one picture out of it, for instance by: ffmpeg -i FILE -frames:v 1 start.png";

  private static final List<Signature> SIGNATURES =
      List.of(
          picture("a TIFF image", 0, "II*\0"),
          picture("a TIFF image", 0, "MM\0*"),
          picture("a TIFF image", 0, "II+\0"),
          picture("a TIFF image", 0, "MM\0+"),
          picture("a JPEG XL image", 0, "\u00ff\n"),
          picture("a JPEG XL image", 0, "\0\0\0\fJXL "),
          picture("a JPEG 2000 image", 0, "\0\0\0\fjP  "),
          picture("a JPEG 2000 image", 0, "\u00ffO\u00ffQ"),
          picture("a JPEG XR image", 0, "II\u00bc"),
          picture("a Photoshop document (PSD)", 0, "8BPS"),
          picture("a GIMP image (XCF)", 0, "gimp xcf"),
          picture("an OpenEXR image", 0, "v/1\u0001"),
          picture("a Radiance HDR image", 0, "#?RADIANCE"),
          picture("a DDS texture", 0, "DDS "),
          picture("a KTX texture", 0, "\u00abKTX "),
          picture("a QOI image", 0, "qoif"),
          picture("an icon (ICO)", 0, "\0\0\u0001\0"),
          picture("a FLIF image", 0, "FLIF"),
          picture("a BPG image", 0, "BPG\u00fb"),
          picture("a DjVu document", 0, "AT&TFORM"),
          picture("a FITS image", 0, "SIMPLE  ="),
          picture("a camera's raw image (RAF)", 0, "FUJIFILMCCD-RAW"),
          picture("a camera's raw image (RW2)", 0, "IIU\0"),
          picture("a camera's raw image (ORF)", 0, "IIRO"),
          picture("a camera's raw image (ORF)", 0, "IIRS"),
          picture("a camera's raw image (X3F)", 0, "FOVb"),
          picture("a Windows metafile (EMF)", 40, " EMF"),
          picture("a Windows metafile (WMF)", 0, "\u00d7\u00cd\u00c6\u009a"),
          picture("a PDF document", 0, "%PDF-"),
          picture("a PostScript document", 0, "%!PS"),
          video("an MNG animation", 0, "\u008aMNG"),
          video("a WebM or Matroska video", 0, "\u001aE\u00df\u00a3"),
          video("an AVI video", 8, "AVI "),
          video("an Ogg video", 0, "OggS"),
          video("a Flash video", 0, "FLV\u0001"),
          video("a Windows Media video", 0, "0&\u00b2u\u008ef\u00cf\u0011"),
          video("an MPEG video", 0, "\0\0\u0001\u00ba"),
          video("an MPEG video", 0, "\0\0\u0001\u00b3"),
          video("an H.264 or HEVC stream", 0, "\0\0\0\u0001"),
          other("a ZIP archive", "unpack it", "PK\u0003\u0004"),
          other("a gzip file", "unpack it", "\u001f\u008b"),
          other("a 7z archive", "unpack it", "7z\u00bc\u00af\u0027\u001c"),
          other("a RAR archive", "unpack it", "Rar!\u001a"),
          other(
              "a Git LFS pointer",
              "get the file itself by: git lfs pull",
              "version https://git-lfs"));

  /** The brands of the ISO container, which the pictures and videos of our days share. */
  private static final List<Signature> BRANDS =
      List.of(
          picture("an AVIF image", 8, "avif"),
          picture("an AVIF image", 8, "avis"),
          picture("an HEIC image", 8, "heic"),
          picture("an HEIC image", 8, "heix"),
          picture("an HEIC image", 8, "heim"),
          picture("an HEIC image", 8, "heis"),
          picture("an HEIC image", 8, "hevc"),
          picture("an HEIC image", 8, "hevx"),
          picture("an HEIF image", 8, "mif"),
          picture("an HEIF image", 8, "msf"),
          picture("a camera's raw image (CR3)", 8, "crx "),
          video("a QuickTime video", 8, "qt  "));

  private ImageKind() {}

  /** The format whose files begin so, if images of it are read. */
  static Optional<ImageFormat> readable(byte[] head) {
    String text = text(head);
    if (text.startsWith("\u0089PNG\r\n\u001a\n")) {
      return Optional.of(ImageFormat.PNG);
    }
    if (text.startsWith("\u00ff\u00d8\u00ff")) {
      return Optional.of(ImageFormat.JPEG);
    }
    if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) {
      return Optional.of(ImageFormat.GIF);
    }
    if (text.startsWith("BM")) {
      return Optional.of(ImageFormat.BMP);
    }
    if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) {
      return Optional.of(ImageFormat.WEBP);
    }
    return Optional.empty();
  }

  /** What a file is that is not read, and what to do, for the user. */
  static String refusal(byte[] head) {
    if (head.length == 0) {
      return "the file is empty";
    }
    String text = text(head);
    List<Signature> signatures = text.startsWith("ftyp", 4) ? BRANDS : SIGNATURES;
    for (Signature signature : signatures) {
      if (text.startsWith(signature.bytes(), signature.at())) {
        return signature.refusal();
      }
    }
    if (text.startsWith("ftyp", 4) || text.startsWith("moov", 4) || text.startsWith("mdat", 4)) {
      return video("an MP4 video", 0, "").refusal();
    }
    if (text.startsWith("G") && text.startsWith("G", 188)) {
      return video("an MPEG transport stream", 0, "").refusal();
    }
    if (text.matches("(?s)P[1-7fF][\\s#].*")) {
      return picture("a Netpbm image (PPM, PGM, PBM, PFM)", 0, "").refusal();
    }
    if (isText(head)) {
      return ofText(new String(head, StandardCharsets.UTF_8));
    }
    byte[] first = head.length > 8 ? Arrays.copyOf(head, 8) : head;
    return "not an image of a known format (it begins with the bytes "
        + HexFormat.ofDelimiter(" ").formatHex(first)
        + "); PNG, JPEG, WebP, GIF and BMP are read";
  }

  private static String ofText(String text) {
    String start = text.replace("\uFEFF", "").stripLeading().toLowerCase(Locale.ROOT);
    boolean markup = start.startsWith("<");
    boolean page = start.startsWith("<!doctype html") || start.startsWith("<html");
    if (markup && !page && start.contains("<svg")) {
      return picture("an SVG drawing", 0, "").refusal();
    }
    if (page || markup && start.contains("<html")) {
      return "a web page (HTML), not an image; download the image itself";
    }
    String what = markup ? "an XML file" : start.startsWith("{") ? "a JSON file" : "a text file";
    return what + ", not an image; PNG, JPEG, WebP, GIF and BMP are read";
  }

  /** Whether these are characters only: no control character but those that lay out a text. */
  private static boolean isText(byte[] head) {
    for (byte b : head) {
      int code = b & 0xff;
      if (code < ' ' && code != '\n' && code != '\r' && code != '\t' && code != '\f') {
        return false;
      }
    }
    // The last character may be cut.
    int whole = head.length == HEAD ? HEAD - 3 : head.length;
    String decoded = new String(head, 0, whole, StandardCharsets.UTF_8);
    return decoded.indexOf('\uFFFD') < 0;
  }

  private static String text(byte[] head) {
    return new String(head, StandardCharsets.ISO_8859_1);
  }

  private static Signature picture(String name, int at, String bytes) {
    return new Signature(name, TO_PICTURE, at, bytes);
  }

  private static Signature video(String name, int at, String bytes) {
    return new Signature(name, TO_FRAME, at, bytes);
  }

  private static Signature other(String name, String remedy, String bytes) {
    return new Signature(name, remedy, 0, bytes);
  }

  /**
   * First bytes of a kind.
   *
   * @param bytes one character each
   */
  private record Signature(String name, String remedy, int at, String bytes) {
    String refusal() {
      return name + ", which is not read; " + remedy;
    }
  }
}

package dev.orrery.cli.command;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads sizes such as {@code 5GB}, {@code 1.5GiB} and {@code 4096}. */
public final class ByteSize implements ITypeConverter<Long> {
  private static final Pattern SIZE =
      Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?) ?(?:([KMGT])(i?))?B?");

  /** For picocli. */
  public ByteSize() {}

  @Override
  public Long convert(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw refused(text);
    }
    int power = size.group(2) == null ? 0 : "KMGT".indexOf(size.group(2)) + 1;
    BigDecimal unit = BigDecimal.valueOf("i".equals(size.group(3)) ? 1024 : 1000).pow(power);
    BigDecimal bytes = new BigDecimal(size.group(1)).multiply(unit);
    if (bytes.signum() == 0 || bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw refused(text);
    }
    return bytes.longValue();
  }

  private static TypeConversionException refused(String text) {
    return new TypeConversionException(
        "expected a size such as 5GB or 500MiB, found '" + text + "'");
  }
}

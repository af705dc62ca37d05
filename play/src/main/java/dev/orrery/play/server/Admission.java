package dev.orrery.play.server;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Who may speak to the server. A page of somebody else that is open in the same browser must not:
 * its requests have another {@code Origin}, and where it has made a name of its own point at this
 * machine, another {@code Host}. Other machines need the token.
 */
final class Admission {
  private static final String SCHEME = "http://";
  private static final String TOKEN = "token=";
  private static final int TOKEN_BYTES = 16;
  private static final int HTTP_PORT = 80;

  private final Set<String> authorities;
  private final String address;
  private final Optional<String> token;

  private Admission(Set<String> authorities, String address, Optional<String> token) {
    this.authorities = authorities;
    this.address = address;
    this.token = token;
  }

  /**
   * For a server that listens.
   *
   * @param host as the user named it
   * @param bound what it stands for
   * @param port where it listens
   */
  static Admission of(String host, InetAddress bound, int port) {
    Set<String> names = new LinkedHashSet<>();
    // Of all addresses, the first is what people are told to open.
    boolean all = bound.isAnyLocalAddress();
    if (!all) {
      names.add(host.contains(":") ? "[" + withoutZone(host) + "]" : host);
      names.add(literal(bound));
    }
    if (all || bound.isLoopbackAddress()) {
      names.addAll(List.of("127.0.0.1", "localhost", "[::1]"));
    }
    if (all) {
      names.addAll(ofThisMachine());
    }
    Set<String> authorities = new LinkedHashSet<>();
    for (String name : names) {
      authorities.add(canonical(name + ":" + port));
      if (port == HTTP_PORT) {
        authorities.add(canonical(name));
      }
    }
    Optional<String> token =
        bound.isLoopbackAddress() ? Optional.empty() : Optional.of(newSecret());
    String address = SCHEME + names.iterator().next() + ":" + port + "/";
    return new Admission(authorities, address.toLowerCase(Locale.ROOT), token);
  }

  private static String literal(InetAddress address) {
    String text = withoutZone(address.getHostAddress());
    return text.contains(":") ? "[" + text + "]" : text;
  }

  /** Zones are names of this machine's networks, which others do not know. */
  private static String withoutZone(String address) {
    int zone = address.indexOf('%');
    return zone < 0 ? address : address.substring(0, zone);
  }

  /** One form of all in which a host and its port can be written. */
  private static String canonical(String authority) {
    String lower = authority.toLowerCase(Locale.ROOT);
    int end = lower.indexOf(']');
    if (!lower.startsWith("[") || end < 0) {
      return lower;
    }
    try {
      return literal(InetAddress.ofLiteral(lower.substring(1, end))) + lower.substring(end + 1);
    } catch (IllegalArgumentException e) {
      return lower; // no address: is none of ours
    }
  }

  private static Set<String> ofThisMachine() {
    Set<String> names = new LinkedHashSet<>();
    try {
      names.add(InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT));
    } catch (UnknownHostException e) {
      // A machine need not know its own name.
    }
    try {
      NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .forEach(address -> names.add(literal(address)));
    } catch (SocketException e) {
      // Then it is reached by the names that are known.
    }
    return names;
  }

  /** A text that nobody can guess. */
  static String newSecret() {
    byte[] bytes = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** What people open; has the token if there is one. */
  String address() {
    return address + query();
  }

  /** What has to stand behind paths; empty or {@code ?token=...}. */
  String query() {
    return token.map(text -> "?" + TOKEN + text).orElse("");
  }

  /** Whether a {@code Host} is one of the server's names; null is none. */
  boolean isOwnHost(String host) {
    return host != null && authorities.contains(canonical(host));
  }

  /** Whether an {@code Origin} is the page that the server itself gave out under this host. */
  boolean isOwnOrigin(String origin, String host) {
    return origin != null && origin.equalsIgnoreCase(SCHEME + host);
  }

  /**
   * Whether a request's query has the token, if one is needed. Takes as long for a token that is
   * nearly right as for any other.
   */
  boolean hasToken(String query) {
    if (token.isEmpty()) {
      return true;
    }
    byte[] expected = token.get().getBytes(StandardCharsets.UTF_8);
    boolean found = false;
    for (String part : (query == null ? "" : query).split("&", -1)) {
      byte[] given =
          part.startsWith(TOKEN)
              ? part.substring(TOKEN.length()).getBytes(StandardCharsets.UTF_8)
              : new byte[0];
      found |= MessageDigest.isEqual(expected, given);
    }
    return found;
  }
}

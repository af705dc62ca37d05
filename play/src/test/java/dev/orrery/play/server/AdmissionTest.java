package dev.orrery.play.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static Admission of(String host, String address, int port) throws UnknownHostException {
    return Admission.of(host, InetAddress.getByName(address), port);
  }

  @Test
  void aNameIsKeptAndItsAddressKnown() throws UnknownHostException {
    Admission named = of("Yard.local", "192.0.2.7", 8080);
    assertTrue(named.address().startsWith("http://yard.local:8080/?token="), named.address());
    assertTrue(named.isOwnHost("yard.local:8080"));
    assertTrue(named.isOwnHost("192.0.2.7:8080"));
    assertFalse(named.isOwnHost("localhost:8080"));
    assertFalse(named.isOwnHost("yard.local"));
    assertFalse(named.isOwnHost(null));
  }

  @Test
  void thePortOfHttpMayBeLeftOut() throws UnknownHostException {
    Admission plain = of("127.0.0.1", "127.0.0.1", 80);
    assertTrue(plain.isOwnHost("127.0.0.1"));
    assertTrue(plain.isOwnHost("localhost:80"));
    assertEquals("http://127.0.0.1:80/", plain.address());
  }

  @Test
  void version6HasBrackets() throws UnknownHostException {
    Admission six = of("::1", "::1", 9000);
    assertTrue(six.isOwnHost("[::1]:9000"));
    assertEquals("", six.query());
    assertEquals("http://[::1]:9000/", six.address());
    Admission other = of("fd00::1", "fd00::1", 9000);
    assertTrue(other.address().startsWith("http://[fd00::1]:9000/?token="), other.address());
    assertTrue(other.isOwnHost("[fd00::1]:9000"));
    assertTrue(other.isOwnHost("[FD00:0::0:1]:9000"));
    for (String strange :
        List.of("[fd00::2]:9000", "[::1]:9000", "[evil]:9000", "[fd00::1", "[]")) {
      assertFalse(other.isOwnHost(strange), strange);
    }
  }

  @Test
  void tokensDiffer() throws UnknownHostException {
    assertFalse(of("0.0.0.0", "0.0.0.0", 1).query().equals(of("0.0.0.0", "0.0.0.0", 1).query()));
  }
}

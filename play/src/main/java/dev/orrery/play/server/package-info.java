/**
 * A world in the browser: the page, the socket that it speaks over, and what keeps strangers out.
 *
 * <p>{@link dev.orrery.play.server.PlayServer} is all that a program needs; the protocol is
 * described in {@code docs/play-protocol.md}.
 */
package dev.orrery.play.server;

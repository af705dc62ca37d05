/**
 * Playing a world while people watch and steer it.
 *
 * <ul>
 *   <li>{@link dev.orrery.play.Player} makes block after block of one session: begin here.
 *   <li>What goes in is {@link dev.orrery.play.HeldInput}, what comes out a {@link
 *       dev.orrery.play.FrameHub} and a {@link dev.orrery.play.PlayerListener}.
 * </ul>
 */
package dev.orrery.play;

/**
 * How a world is played, whatever the model.
 *
 * <ul>
 *   <li>{@link dev.orrery.model.session.WorldModel} is loaded weights, {@link
 *       dev.orrery.model.session.WorldSession} a running world: begin here.
 *   <li>What goes in: a {@link dev.orrery.model.session.Start}, then for each video frame an action
 *       of the model's {@link dev.orrery.model.session.ActionSpace}; keys, scripts and recordings
 *       are views of it ({@link dev.orrery.model.session.Controls}, {@link
 *       dev.orrery.model.session.ActionScript}, {@link dev.orrery.model.session.ActionRecording}).
 *   <li>What comes out: {@link dev.orrery.model.session.VideoFrames}, chunk by chunk, or as soon as
 *       they are decoded.
 *   <li>What is kept: a session can be forked, saved and resumed, see {@link
 *       dev.orrery.model.session.SavedSession}; forks have a {@link
 *       dev.orrery.model.session.SharedStart} in common, and sessions of one {@link
 *       dev.orrery.model.session.EncodedStart} the {@link dev.orrery.model.session.StartMemory}.
 *   <li>What families extend: {@link dev.orrery.model.session.ChunkSession}, with a {@link
 *       dev.orrery.model.session.FrameDecoder}, made from {@link
 *       dev.orrery.model.session.SessionResources}.
 * </ul>
 */
package dev.orrery.model.session;

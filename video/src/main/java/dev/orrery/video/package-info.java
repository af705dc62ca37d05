/**
 * Where generated frames go: {@link dev.orrery.video.VideoSink} makes an MP4, a GIF or a folder of
 * PNG files of them.
 */
package dev.orrery.video;

package dev.orrery.video;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.PointerPointer;

/**
 * What a player sees of an MP4.
 *
 * @param framesPerSecond as noted in the file
 * @param seconds length of the video
 * @param width columns
 * @param height rows
 * @param frames {@code [height, width, 3]} bytes each
 */
record Mp4Reader(
    double framesPerSecond, double seconds, int width, int height, List<byte[]> frames) {
  static Mp4Reader read(Path file) {
    AVFormatContext container = new AVFormatContext(null);
    assertEquals(0, avformat_open_input(container, "file:" + file, null, (AVDictionary) null));
    avformat_find_stream_info(container, (PointerPointer<?>) null);
    AVStream stream = container.streams(0);
    AVCodecContext codec =
        avcodec_alloc_context3(avcodec_find_decoder(stream.codecpar().codec_id()));
    avcodec_parameters_to_context(codec, stream.codecpar());
    assertEquals(0, avcodec_open2(codec, null, (AVDictionary) null));
    List<byte[]> frames = new ArrayList<>();
    AVFrame frame = av_frame_alloc();
    AVPacket packet = new AVPacket();
    while (av_read_frame(container, packet) >= 0) {
      assertEquals(0, avcodec_send_packet(codec, packet));
      drain(codec, frame, frames);
    }
    avcodec_send_packet(codec, null);
    drain(codec, frame, frames);
    Mp4Reader result =
        new Mp4Reader(
            (double) stream.avg_frame_rate().num() / stream.avg_frame_rate().den(),
            stream.duration() * (double) stream.time_base().num() / stream.time_base().den(),
            codec.width(),
            codec.height(),
            frames);
    av_frame_free(frame);
    avcodec_free_context(codec);
    avformat_close_input(container);
    return result;
  }

  private static void drain(AVCodecContext codec, AVFrame frame, List<byte[]> frames) {
    while (avcodec_receive_frame(codec, frame) == 0) {
      frames.add(rgb(frame));
    }
  }

  /** BT.709, limited range: the inverse of what a video player is told to assume. */
  private static byte[] rgb(AVFrame frame) {
    byte[] rgb = new byte[3 * frame.width() * frame.height()];
    int at = 0;
    for (int y = 0; y < frame.height(); y++) {
      for (int x = 0; x < frame.width(); x++) {
        double bright = (sample(frame, 0, x, y) - 16) / 219.0;
        double blue = (sample(frame, 1, x / 2, y / 2) - 128) / 224.0;
        double red = (sample(frame, 2, x / 2, y / 2) - 128) / 224.0;
        rgb[at++] = clip(bright + 1.5748 * red);
        rgb[at++] = clip(bright - 0.1873 * blue - 0.4681 * red);
        rgb[at++] = clip(bright + 1.8556 * blue);
      }
    }
    return rgb;
  }

  private static int sample(AVFrame frame, int plane, int x, int y) {
    return frame.data(plane).get((long) y * frame.linesize(plane) + x) & 255;
  }

  private static byte clip(double value) {
    return (byte) Math.round(255 * Math.clamp(value, 0, 1));
  }
}

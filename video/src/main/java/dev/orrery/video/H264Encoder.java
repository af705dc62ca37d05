package dev.orrery.video;

import static org.bytedeco.ffmpeg.avformat.AVFormatContext.AVFMT_FLAG_BITEXACT;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_BITEXACT;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * FFmpeg's H.264 encoder and MP4 writer, one thread, without dates or versions in the file: equal
 * frames give equal bytes.
 */
final class H264Encoder implements AutoCloseable {
  /** The LGPL builds of FFmpeg carry Cisco's encoder. */
  private static final String ENCODER = "libopenh264";

  /** Quantizer of frames: about 40 dB, which keeps the colours of small soft images. */
  private static final int QUANTIZER = 18;

  /**
   * The encoder gives up on a frame that would become larger than its samples, as noise does. It is
   * tried again more coarsely, up to here, and so are all that follow.
   */
  private static final int COARSEST_QUANTIZER = 42;

  private static final int COARSER = 8;

  static {
    // JavaCPP would count the mapped weights of a model as its own leak and refuse to allocate.
    System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    // Everything is freed in close(), so its cleaner thread has nothing to do.
    System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
    av_log_set_level(AV_LOG_QUIET);
  }

  private final Yuv420 planes;
  private final int width;
  private final int height;
  private final AVFormatContext container = new AVFormatContext(null);
  private final AVPacket packet = av_packet_alloc();
  private final AVFrame frame = av_frame_alloc();
  private final FrameRate rate;
  private AVCodecContext codec;
  private int quantizer = QUANTIZER;
  private AVStream stream;
  private long frames;

  H264Encoder(Path file, VideoFormat format) throws IOException {
    this.width = format.width();
    this.height = format.height();
    this.rate = format.rate();
    this.planes = new Yuv420(width, height);
    try {
      openCodec();
      openContainer(file);
      frame.format(AV_PIX_FMT_YUV420P);
      frame.width(planes.width);
      frame.height(planes.height);
      check(av_frame_get_buffer(frame, 0));
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** Appends the frame whose red, green and blue bytes begin at {@code from}. */
  void encode(byte[] rgb, int from) throws IOException {
    planes.convert(rgb, from, width, height);
    check(av_frame_make_writable(frame));
    copyPlane(0, planes.luma, planes.width, planes.height);
    copyPlane(1, planes.blueDifference, planes.width / 2, planes.height / 2);
    copyPlane(2, planes.redDifference, planes.width / 2, planes.height / 2);
    frame.pts(frames++);
    int status = avcodec_send_frame(codec, frame);
    while (status < 0 && quantizer < COARSEST_QUANTIZER) {
      goOnCoarser();
      status = avcodec_send_frame(codec, frame);
    }
    check(status);
    writePackets();
  }

  /** The next frame begins anew, under the headers that the file has already. */
  private void goOnCoarser() throws IOException {
    byte[] header = header();
    avcodec_free_context(codec);
    quantizer += COARSER;
    openCodec();
    if (!Arrays.equals(header, header())) {
      throw new IOException("the H.264 encoder gave up on a frame of noise");
    }
  }

  private byte[] header() {
    byte[] bytes = new byte[codec.extradata_size()];
    codec.extradata().get(bytes);
    return bytes;
  }

  /** Writes what the encoder still holds back and the index of the file. */
  void finish() throws IOException {
    check(avcodec_send_frame(codec, null));
    writePackets();
    check(av_write_trailer(container));
    AVIOContext file = container.pb();
    container.pb(null);
    check(avio_closep(file));
  }

  @Override
  public void close() {
    av_frame_free(frame);
    av_packet_free(packet);
    if (codec != null) {
      avcodec_free_context(codec);
      codec = null;
    }
    if (!container.isNull()) {
      if (container.pb() != null) {
        avio_closep(container.pb());
      }
      avformat_free_context(container);
      container.setNull();
    }
  }

  private void openCodec() throws IOException {
    AVCodec found = avcodec_find_encoder_by_name(ENCODER);
    if (found == null) {
      throw new IOException("this build of FFmpeg has no H.264 encoder " + ENCODER);
    }
    codec = avcodec_alloc_context3(found);
    codec.width(planes.width);
    codec.height(planes.height);
    codec.pix_fmt(AV_PIX_FMT_YUV420P);
    codec.time_base(av_make_q(rate.seconds(), rate.frames()));
    codec.framerate(av_make_q(rate.frames(), rate.seconds()));
    codec.gop_size(Math.ceilDiv(2 * rate.frames(), rate.seconds()));
    codec.thread_count(1);
    codec.qmin(quantizer);
    codec.qmax(quantizer);
    codec.color_range(AVCOL_RANGE_MPEG);
    codec.colorspace(AVCOL_SPC_BT709);
    codec.color_primaries(AVCOL_PRI_BT709);
    codec.color_trc(AVCOL_TRC_BT709);
    codec.flags(codec.flags() | AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT);
    check(avcodec_open2(codec, found, (AVDictionary) null));
  }

  private void openContainer(Path file) throws IOException {
    // The prefix keeps FFmpeg from reading a colon in the path as a protocol.
    String url = "file:" + file;
    check(avformat_alloc_output_context2(container, null, "mp4", url));
    container.flags(container.flags() | AVFMT_FLAG_BITEXACT);
    stream = avformat_new_stream(container, null);
    stream.time_base(codec.time_base());
    stream.avg_frame_rate(codec.framerate());
    check(avcodec_parameters_from_context(stream.codecpar(), codec));
    AVIOContext output = new AVIOContext(null);
    check(avio_open(output, url, AVIO_FLAG_WRITE));
    container.pb(output);
    AVDictionary options = new AVDictionary(null);
    av_dict_set(options, "movflags", "+faststart", 0);
    int status = avformat_write_header(container, options);
    av_dict_free(options);
    check(status);
  }

  private void writePackets() throws IOException {
    while (true) {
      int status = avcodec_receive_packet(codec, packet);
      if (status == AVERROR_EAGAIN() || status == AVERROR_EOF) {
        return;
      }
      check(status);
      packet.duration(1);
      packet.stream_index(stream.index());
      av_packet_rescale_ts(packet, codec.time_base(), stream.time_base());
      check(av_interleaved_write_frame(container, packet));
    }
  }

  private void copyPlane(int plane, byte[] samples, int columns, int rows) {
    for (int row = 0; row < rows; row++) {
      long to = (long) row * frame.linesize(plane);
      frame.data(plane).position(to).put(samples, row * columns, columns);
    }
  }

  private static void check(int status) throws IOException {
    if (status < 0) {
      byte[] text = new byte[128];
      av_strerror(status, text, text.length);
      String message = new String(text, StandardCharsets.UTF_8);
      throw new IOException(message.substring(0, message.indexOf(0)));
    }
  }
}

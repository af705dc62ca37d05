package dev.orrery.play;

import dev.orrery.model.camera.CameraPath;
import java.util.Optional;

/**
 * A block that was made.
 *
 * @param start number of the world's start, see {@link PlayerState}
 * @param block its index
 * @param thumbnail its last frame, small, as JPEG
 * @param flat whether the picture has been one flat colour for two blocks
 * @param before the last block before which there was something to see, if it is flat; else -1
 * @param path where the camera went in it, for models with cameras
 */
public record BlockMade(
    int start, int block, byte[] thumbnail, boolean flat, int before, Optional<CameraPath> path) {}

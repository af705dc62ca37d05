/**
 * Cameras that a person steers through a world: their poses, lenses and paths, and the two forms in
 * which paths are written down. Everything about directions and units is said here, once.
 *
 * <ul>
 *   <li>Axes of a camera: x to the right, y down, z forward, as in OpenCV; right-handed.
 *   <li>The world has the axes of the first camera of a pose string. A file may choose any others:
 *       only the relation of cameras to each other matters to the models.
 *   <li>Transforms act on column vectors and are named after what they read and write: {@code
 *       worldFromCamera} takes a point of the camera to the world, and {@code cameraFromWorld}, the
 *       view matrix, is its inverse. Steps of a camera are multiplied from the right: {@code
 *       worldFromCamera * step}.
 *   <li>Rotations: a positive angle about y turns to the right, a positive angle about x looks up.
 *       Angles are radians where nothing else is said.
 *   <li>Lengths have the unit of the model; a step of WorldPlay is 0.08.
 *   <li>Matrices are row-major, in double precision; networks get them rounded to fp32.
 *   <li>Intrinsics are pixels.
 *   <li>One camera belongs to one latent frame.
 * </ul>
 */
package dev.orrery.model.camera;

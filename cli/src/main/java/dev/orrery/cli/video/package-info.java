/**
 * Where generated frames go: MP4, GIF, or a folder of PNG files; and how outputs become visible.
 */
package dev.orrery.cli.video;

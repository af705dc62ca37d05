/** Where generated frames go: MP4, GIF, or a folder of PNG files. */
package dev.orrery.cli.video;

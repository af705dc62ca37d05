package dev.orrery.cli;

import dev.orrery.cli.command.Console;
import java.nio.file.Path;

/**
 * What the commands work with, so that tests can give them something else.
 *
 * @param models loads models
 * @param demo folder of the model that is taken when none is named
 * @param console where they write
 */
record Environment(Models models, Path demo, Console console) {}

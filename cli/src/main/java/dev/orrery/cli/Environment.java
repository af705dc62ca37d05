package dev.orrery.cli;

import dev.orrery.cli.command.Console;
import dev.orrery.model.Families;
import java.nio.file.Path;

/**
 * What the commands work with, so that tests can give them something else.
 *
 * @param families the families that there are
 * @param demo folder of the model that is taken when none is named
 * @param console where they write
 */
record Environment(Families families, Path demo, Console console) {}

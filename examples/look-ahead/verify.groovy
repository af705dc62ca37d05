def picture = javax.imageio.ImageIO.read(new File(basedir, 'target/seen.png'))
assert picture.width == 96 && picture.height == 64
// Four blocks were walked, each after trying four ways.
assert new File(basedir, 'build.log').text =~ /went [wajl]{4}/

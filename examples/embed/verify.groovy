def picture = javax.imageio.ImageIO.read(new File(basedir, 'target/world.png'))
assert picture.width == 96 && picture.height == 64

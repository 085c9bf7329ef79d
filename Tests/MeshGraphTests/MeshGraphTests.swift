import Glibc
import MeshGraph
import Testing

@Suite struct Look {
  @Test func look() {
    for text in [
      "a -> b 240/s\nb -> c 12/s",
      "a -> b 1/s\na -> c 2/s\nb -> d 3/s\nc -> d 4/s",
      "a -> b 1/s\nb -> c 2/s\nc -> a 3/s",
      "a -> a 9/s\na -> b 1/s",
      "a -> b 1/s\na -> b 2/s\na -> b 3/s",
      "ingress -> productpage 240/s\nproductpage -> details 240/s\nproductpage -> v1 181/s\nproductpage -> v3 59/s\nv1 -> ratings 181/s\nv3 -> ratings 41/s\nreviews: v1 v2 v3",
      "a -> c\na -> d\nb -> c\nb -> d",
      "a -> b 1/s\nb -> c 1/s\nb -> d 2/s\nc -> e 3/s\nd -> e 3/s\na -> e 4/s\ne -> b 7/s\na -> c 3/s",
      "gw -> web 10/s\nweb -> cart 1/s\nweb -> catalog 2/s\nweb -> auth 1/s\ncart -> redis 2/s\ncart -> auth 3/s\ncatalog -> db 3/s\ncatalog -> auth 4/s\norders -> db 2/s\norders -> pay 1/s\nweb -> orders 3/s\npay -> bank 1/s\npay -> auth 1/s\norders -> mail 9/s\nmail -> smtp 3/s\nauth -> db 9/s",
      "a -> v1 1/s\na -> v2 2/s\nv1 -> v2 3/s\nv2 -> x 2/s\nx -> v1 9/s\nx -> x 1/s\nb: v1 v2",
      "a -> b\nc -> d\nd -> e\ne -> d\nf\ng\nh\ni",
    ] {
      print(Sketch(text).picture)
      print("----------------------------------------------------------")
    }
  }
}

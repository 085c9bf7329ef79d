/// What ncurses must know to write direct colours: terminfo has such entries for few terminals, and Debian does not
/// install them. It is used where `COLORTERM` says `truecolor` or `24bit` (the convention of terminals that follow
/// xterm), and holds only what all of those do alike.
///
/// A colour below 256 is one of the terminal's own; the others are red, green and blue in a byte each.
enum DirectColour {
  /// The name of the entry, for `newterm`.
  static let terminal = "meshdeck-direct"

  // Made with `tic -x` and `infocmp -x -Q2` from:
  //   meshdeck-direct|output of xterm and its followers in direct colour,
  //     am, mir, msgr, xenl, RGB,
  //     colors#0x1000000, cols#80, it#8, lines#24, pairs#0x10000,
  //     bel=^G, bold=\E[1m, civis=\E[?25l, clear=\E[H\E[2J, cnorm=\E[?25h, cr=\r,
  //     csr=\E[%i%p1%d;%p2%dr, cub=\E[%p1%dD, cub1=^H, cud=\E[%p1%dB, cud1=\n, cuf=\E[%p1%dC, cuf1=\E[C,
  //     cup=\E[%i%p1%d;%p2%dH, cuu=\E[%p1%dA, cuu1=\E[A, dch=\E[%p1%dP, dch1=\E[P, dim=\E[2m,
  //     dl=\E[%p1%dM, dl1=\E[M, ech=\E[%p1%dX, ed=\E[J, el=\E[K, el1=\E[1K, home=\E[H,
  //     hpa=\E[%i%p1%dG, ich=\E[%p1%d@, il=\E[%p1%dL, il1=\E[L, ind=\n, op=\E[39;49m, rc=\E8, rev=\E[7m,
  //     ri=\EM, ritm=\E[23m, rmcup=\E[?1049l, rmul=\E[24m, sc=\E7, sgr0=\E[m, sitm=\E[3m, smcup=\E[?1049h,
  //     smul=\E[4m, vpa=\E[%i%p1%dd,
  //     setaf=\E[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e%p1%{256}%<%t38;5;%p1%d%e38;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
  //     setab=\E[%?%p1%{8}%<%t4%p1%d%e%p1%{16}%<%t10%p1%{8}%-%d%e%p1%{256}%<%t48;5;%p1%d%e48;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
  /// For the environment's TERMINFO: ncurses reads an entry from there (ncurses(3), "Environment").
  static let terminfo = """
    b64:\
    HgJDAA8ADwBpASgCbWVzaGRlY2stZGlyZWN0fG91dHB1dCBvZiB4dGVybSBhbmQgaXRzIGZvbGxvd2VycyBpbiBkaXJlY3QgY29sb3VyAAAB\
    AAABAAAAAAAAAAABAVAAAAAIAAAAGAAAAP____________________________________________________8AAAABAAABAP__AAACAAQA\
    __8VAB0AIQAlAP__MABBAEMARwBOAP__UABXAP__WwD__18AYwD__________2cAbAD__3UA________egD__38AhAD__40AkQD_______-a\
    AP____________________-gAP__________________________________________________________________________________\
    _____________________________________________________6QArQC2AL8A___IANEA2gD__-MA____________________________\
    _-wA7wD6AP0A_wD_____________________________________________________________________________________________\
    ____________________________________________________________________________________________________________\
    ____________________________________________________________________________________________________________\
    __________________________________________________________8CAf______________________________________________\
    _________________________wcB__________________________________8QAf_______________________xUB________________\
    __________________________________________________________________________________8bAaEBBwANABtbJWklcDElZDsl\
    cDIlZHIAG1tIG1sySgAbW0sAG1tKABtbJWklcDElZEcAG1slaSVwMSVkOyVwMiVkSAAKABtbSAAbWz8yNWwACAAbWz8yNWgAG1tDABtbQQAb\
    W1AAG1tNABtbMW0AG1s_MTA0OWgAG1sybQAbWzdtABtbNG0AG1slcDElZFgAG1ttABtbPzEwNDlsABtbMjRtABtbTAAbWyVwMSVkUAAbWyVw\
    MSVkTQAbWyVwMSVkQgAbWyVwMSVkQAAbWyVwMSVkTAAbWyVwMSVkRAAbWyVwMSVkQwAbWyVwMSVkQQAbOAAbWyVpJXAxJWRkABs3AAoAG00A\
    G1sxSwAbWzM5OzQ5bQAbWzNtABtbMjNtABtbJT8lcDElezh9JTwldDMlcDElZCVlJXAxJXsxNn0lPCV0OSVwMSV7OH0lLSVkJWUlcDElezI1\
    Nn0lPCV0Mzg7NTslcDElZCVlMzg7MjslcDElezY1NTM2fSUvJWQ7JXAxJXsyNTZ9JS8lezI1NX0lJiVkOyVwMSV7MjU1fSUmJWQlO20AG1sl\
    PyVwMSV7OH0lPCV0NCVwMSVkJWUlcDElezE2fSU8JXQxMCVwMSV7OH0lLSVkJWUlcDElezI1Nn0lPCV0NDg7NTslcDElZCVlNDg7MjslcDEl\
    ezY1NTM2fSUvJWQ7JXAxJXsyNTZ9JS8lezI1NX0lJiVkOyVwMSV7MjU1fSUmJWQlO20AAQAAAAAAAQAEAAEAAABSR0IA
    """
}

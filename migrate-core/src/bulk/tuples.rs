/// Calls a macro with 1 to 32 triples of names: for a value's type, its SQL type and a variable.
macro_rules! for_each_tuple {
    ($call:ident) => {
        super::tuples::for_each_tuple! { $call: [(A SA a)]
            (B SB b) (C SC c) (D SD d) (E SE e) (F SF f) (G SG g) (H SH h) (I SI i) (J SJ j) (K SK k)
            (L SL l) (M SM m) (N SN n) (O SO o) (P SP p) (A2 SA2 a2) (B2 SB2 b2) (C2 SC2 c2) (D2 SD2 d2) (E2 SE2
            e2) (F2 SF2 f2) (G2 SG2 g2) (H2 SH2 h2) (I2 SI2 i2) (J2 SJ2 j2) (K2 SK2 k2) (L2 SL2 l2) (M2 SM2 m2)
            (N2 SN2 n2) (O2 SO2 o2) (P2 SP2 p2)
        }
    };
    ($call:ident: [$($done:tt)+]) => {
        $call!($($done)+);
    };
    ($call:ident: [$($done:tt)+] $next:tt $($rest:tt)*) => {
        $call!($($done)+);
        super::tuples::for_each_tuple!($call: [$($done)+ $next] $($rest)*);
    };
}
pub(super) use for_each_tuple;

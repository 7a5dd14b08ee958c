{
  description = "TLS tunnel for devices and programs that can't encrypt";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "aarch64-darwin" ];
      # the sources of its libraries, which the program contains
      dependencies = pkgs: {
        @@{nix_sources}
      };
      tunnel = pkgs:
        let
          inherit (pkgs) lib;
          unpack = name: archive: ''
            mkdir -p deps/${name}
            bsdtar -xf ${archive} -C deps/${name} --strip-components=1
            cmakeFlagsArray+=("-DFETCHCONTENT_SOURCE_DIR_${lib.toUpper name}=$PWD/deps/${name}")
          '';
        in
        pkgs.stdenv.mkDerivation {
          pname = "tunnel";
          version = "@@{version}";
          src = pkgs.fetchurl {
            url = "@@{source_url}";
            sha256 = "@@{source_sha256}";
          };
          nativeBuildInputs = with pkgs; [ cmake libarchive ninja python3 ];
          preConfigure = lib.concatStrings (lib.mapAttrsToList unpack (dependencies pkgs));
          cmakeFlags = [ "-DTUNNEL_DEPS_FROM=releases" "-DFETCHCONTENT_FULLY_DISCONNECTED=ON" ];
          meta = {
            description = "TLS tunnel for devices and programs that can't encrypt";
            homepage = "@@{repository}";
            license = lib.licenses.asl20;
            mainProgram = "tunnel";
            platforms = systems;
          };
        };
    in
    {
      packages = nixpkgs.lib.genAttrs systems (system: {
        default = tunnel nixpkgs.legacyPackages.${system};
      });
    };
}

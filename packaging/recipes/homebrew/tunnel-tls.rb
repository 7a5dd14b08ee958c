class TunnelTls < Formula
  desc "TLS tunnel for devices and programs that can't encrypt"
  homepage "@@{repository}"
  url "@@{source_url}"
  sha256 "@@{source_sha256}"
  license "Apache-2.0"

  depends_on "cmake" => :build
  depends_on "ninja" => :build

  conflicts_with "tunnel", because: "both install a `tunnel` binary"

  @@{homebrew_resources}

  def install
    folders = resources.map do |resource|
      resource.stage buildpath/"deps"/resource.name
      "-DFETCHCONTENT_SOURCE_DIR_#{resource.name.upcase}=#{buildpath}/deps/#{resource.name}"
    end
    # every dependency is a resource above: FetchContent may only use them
    system "cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DHOMEBREW_ALLOW_FETCHCONTENT=ON",
           "-DFETCHCONTENT_FULLY_DISCONNECTED=ON", *folders, *std_cmake_args
    system "cmake", "--build", "build"
    system "cmake", "--install", "build"
  end

  service do
    run [opt_bin/"tunnel", "--config", etc/"tunnel/tunnel.toml"]
    keep_alive crashed: true
    log_path var/"log/tunnel.log"
    error_log_path var/"log/tunnel.log"
  end

  def caveats
    <<~EOS
      The service reads #{etc}/tunnel/tunnel.toml, which you write. Check it first:
        tunnel --config #{etc}/tunnel/tunnel.toml --test
    EOS
  end

  test do
    device = TCPServer.new("127.0.0.1", 0)
    Thread.new do
      loop do
        socket = device.accept
        IO.copy_stream(socket, socket)
        socket.close
      end
    end

    relay_port = free_port
    client_port = free_port
    pin = shell_output("#{bin}/tunnel keygen relay")[/ pin = "(sha256:[^"]+)"/, 1]
    (testpath/"test.toml").write <<~TOML
      [service.relay]
      accept  = "127.0.0.1:#{relay_port}"
      connect = "127.0.0.1:#{device.addr[1]}"
      cert    = "relay.pem"
      key     = "relay.key"

      [service.laptop]
      client  = true
      accept  = "127.0.0.1:#{client_port}"
      connect = "127.0.0.1:#{relay_port}"
      pin     = "#{pin}"
    TOML

    tunnel = spawn bin/"tunnel", "--config", "test.toml"
    begin
      sent = "through the tunnel and back\n" * 10_000
      attempts = 0
      begin
        socket = TCPSocket.new("127.0.0.1", client_port)
      rescue Errno::ECONNREFUSED
        raise if (attempts += 1) > 100

        sleep 0.1
        retry
      end
      sender = Thread.new do
        socket.write sent
        socket.close_write
      end
      assert_equal sent, socket.read
      sender.join
    ensure
      Process.kill "TERM", tunnel
      Process.wait tunnel
    end
  end
end
